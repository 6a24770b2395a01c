/** Operator capabilities, as a holder uses them. */
import { type Narrowing, narrow } from '../../../../src/capability/index.ts';
import { createDpopKey, type DpopKey, signProof } from '../../../../src/dpop/index.ts';
import type { IssuerEnv } from '../../../../workers/issuer/platform/env.ts';
import { ask, bearer, ISSUER } from './scene.ts';

/** A capability in the hands of a holder. */
export interface Held {
  readonly token: string;
  readonly key: DpopKey;
}

export interface Minted extends Held {
  readonly id: string;
  readonly block: string;
}

export interface Grant {
  readonly permission: string;
  readonly owners?: readonly string[];
  readonly tools?: readonly string[];
}

const HOUR_SECONDS = 3_600;

export const orderOf = (
  key: DpopKey,
  grants: readonly Grant[],
  seconds = HOUR_SECONDS,
): Record<string, unknown> => ({
  holder: key.thumbprint,
  grants,
  ends_at: Math.floor(Date.now() / 1_000) + seconds,
  reason: 'night shift of team growth',
});

/** Mints a capability by a session, for a key of its own. */
export async function mint(
  session: string,
  grants: readonly Grant[],
  variables?: IssuerEnv,
): Promise<Minted> {
  const key = await createDpopKey();
  const body = orderOf(key, grants);
  const with_ = { body, ...(variables && { variables }) };
  const answer = await bearer(session, 'POST', '/capabilities', with_);
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  const minted = (await answer.json()) as { token: string; id: string; block: string };
  return { ...minted, key };
}

export async function narrowed({ token, key }: Held, narrowing: Narrowing): Promise<Held> {
  const smaller = await narrow(token, narrowing);
  if (!smaller.ok) throw new Error(smaller.error.code);
  return { token: smaller.value, key };
}

export interface Sent {
  readonly body?: object;
  readonly variables?: IssuerEnv;
  /** Replaces headers, or leaves out those that are null. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly nonce?: string;
}

/** Sends a request as the holder does: with a proof of its key for this request. */
export async function as(
  { token, key }: Held,
  method: string,
  path: string,
  { body, variables, headers = {}, nonce }: Sent = {},
): Promise<Response> {
  const url = `${ISSUER}/admin/v1${path.split('?')[0]}`;
  const dpop = await signProof(key, {
    method,
    url,
    now: Date.now(),
    token,
    ...(nonce !== undefined && { nonce }),
  });
  const all = new Headers({
    authorization: `DPoP ${token}`,
    dpop,
    'content-type': 'application/json',
  });
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) all.delete(name);
    else all.set(name, value);
  }
  const init = { method, headers: all, ...(body && { body: JSON.stringify(body) }) };
  return ask(`/admin/v1${path}`, init, variables);
}

export async function codeOf(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error?: string };
  return `${answer.status} ${error ?? ''}`.trim();
}
