import * as v from 'valibot';
import { createDpopKey, type DpopKey, obtainCapability, provingFetch } from '../../agent/index.ts';
import { readBounded } from '../../body.ts';
import type { Grant } from '../../capability/index.ts';
import { OBTAIN_MILLISECONDS_MAX, TOKEN_TEXT_BYTES_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { Surroundings } from '../command.ts';
import type { CapabilitySource } from './config.ts';
import { readSecret } from './secret.ts';

/** What a drill revokes, and what it tries it with. */
export interface Drilled {
  readonly token: string;
  readonly workflow: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  /** The key that it is bound to; absent: to none. */
  readonly holder?: DpopKey | undefined;
}

export async function obtainDrilled(
  at: Surroundings,
  issuer: string,
  source: CapabilitySource,
): Promise<Result<Drilled, string>> {
  if ('token' in source) {
    const token = await readSecret(at, source.token);
    const { workflow, expires } = source;
    return token.ok ? ok({ token: token.value, workflow, expires: Date.parse(expires) }) : token;
  }
  if ('clientAssertion' in source) return asClient(at, issuer, source);
  const [subject, actor] = [
    await readSecret(at, source.subjectToken),
    await readSecret(at, source.actorToken),
  ];
  if (!subject.ok) return subject;
  if (!actor.ok) return actor;
  const { audience, task, grants } = source;
  const holder = source.dpop && (await createDpopKey());
  const got = await obtainCapability({
    issuer,
    audience,
    task,
    grants: grants as readonly Grant[],
    fetch: at.fetch,
    now: () => at.now().getTime(),
    subjectToken: subject.value,
    actorToken: actor.value,
    ...(holder && { dpop: holder }),
  });
  if (!got.ok) {
    const { error } = got;
    const why = error.code === 'refused' ? `${error.error}: ${error.description}` : error.code;
    return refuse(`no capability was minted: ${why}`);
  }
  const { token, workflow, expires } = got.value;
  return ok({ token, workflow, expires: expires.getTime(), holder });
}

const answer = v.object({
  access_token: v.pipe(v.string(), v.maxLength(TOKEN_TEXT_BYTES_MAX)),
  expires_in: v.number(),
  authorization_details: v.pipe(v.array(v.object({ workflow: v.string() })), v.length(1)),
});

const ANSWER_BYTES_MAX = 64 * 1024; // A token of 8 KiB with its grants, and room.

/** A client that acts for itself, by an assertion (RFC 7523) in place of two tokens. */
async function asClient(
  at: Surroundings,
  issuer: string,
  source: Extract<CapabilitySource, { clientAssertion: unknown }>,
): Promise<Result<Drilled, string>> {
  const assertion = await readSecret(at, source.clientAssertion);
  if (!assertion.ok) return assertion;
  const { audience, task, grants } = source;
  const holder = source.dpop && (await createDpopKey());
  try {
    const asked = at.now().getTime();
    const request = new Request(`${issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: audience,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion.value,
        authorization_details: JSON.stringify([{ type: 'hewn_task', task, grants }]),
      }),
      redirect: 'manual',
      signal: AbortSignal.timeout(OBTAIN_MILLISECONDS_MAX),
    });
    const prove = provingFetch(at.fetch, () => at.now().getTime());
    const response = await (holder ? prove(request, holder) : at.fetch(request));
    const body = await readBounded(response, ANSWER_BYTES_MAX);
    const said: unknown = body.ok ? JSON.parse(body.value) : undefined;
    const got = v.safeParse(answer, said);
    if (!got.success) return refuse(`no capability was minted: HTTP ${response.status}`);
    const { access_token: token, expires_in, authorization_details } = got.output;
    const { workflow = '' } = authorization_details[0] ?? {};
    return ok({ token, workflow, expires: asked + expires_in * 1000, holder });
  } catch (error) {
    return refuse(`no capability was minted: ${(error as Error).message}`);
  }
}
