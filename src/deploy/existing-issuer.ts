import * as v from 'valibot';
import { readBounded } from '../body.ts';
import { fromBase64Url, toHex } from '../encoding.ts';
import type { KeyFile } from '../key-file/index.ts';

const FETCH_MILLISECONDS_MAX = 10_000;
const JWKS_BYTES_MAX = 64 * 1024; // Sixteen root keys take four.

/** What answers at the URL of the issuer. */
export type Answering =
  /** An issuer, with the public halves of its keys in hex. */
  | { readonly kind: 'issuer'; readonly feed: string; readonly mint: readonly string[] }
  /** Nothing: the name does not exist yet, or no one listens. */
  | { readonly kind: 'nothing' }
  /** Something that is not an issuer of Hewn. */
  | { readonly kind: 'other'; readonly status: number }
  /** It may exist: the question got no answer. */
  | { readonly kind: 'unknown'; readonly why: string };

const jwks = v.object({
  keys: v.array(v.looseObject({ x: v.optional(v.string()), hewn_use: v.optional(v.string()) })),
});

/** The errors after which no issuer can be at this address. */
const ABSENT = new Set(['ENOTFOUND', 'ECONNREFUSED']);

/** Asks the issuer for its public keys, once. */
export async function askIssuer(fetching: typeof fetch, url: string): Promise<Answering> {
  try {
    const response = await fetching(`${url}/.well-known/jwks.json`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(FETCH_MILLISECONDS_MAX),
    });
    const body = await readBounded(response, JWKS_BYTES_MAX);
    const keys = response.ok && body.ok ? readKeys(body.value) : undefined;
    return keys ? { kind: 'issuer', ...keys } : { kind: 'other', status: response.status };
  } catch (error) {
    const cause = (error as { readonly cause?: { readonly code?: string } }).cause?.code ?? '';
    if (ABSENT.has(cause)) return { kind: 'nothing' };
    return { kind: 'unknown', why: cause || (error as Error).message };
  }
}

function readKeys(text: string): { feed: string; mint: readonly string[] } | undefined {
  const read = v.safeParse(jwks, parse(text));
  if (!read.success) return undefined;
  const of = (use: string): readonly string[] =>
    read.output.keys
      .filter(({ hewn_use }) => hewn_use === use)
      .flatMap(({ x = '' }) => fromBase64Url(x) ?? [])
      .map(toHex);
  const [feed] = of('feed');
  return feed === undefined ? undefined : { feed, mint: of('mint') };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Says why the keys of this folder must not replace those of the issuer that answers. Undefined if
 * they may: nothing answers, or the keys are the same, or newer root keys were added.
 *
 * `keys` is undefined if the folder has none: new ones would be generated. On a new checkout they
 * would silently replace the keys of production.
 */
export function replacementFault(
  answering: Answering,
  keys: KeyFile | undefined,
  { url, file }: { readonly url: string; readonly file: string },
): string | undefined {
  if (keys === undefined) {
    if (answering.kind === 'issuer') {
      return `an issuer answers at ${url}, and ${file} does not exist. Copy the file from where the issuer was deployed: new keys would invalidate every token and every verifier's feed`;
    }
    if (answering.kind === 'unknown') {
      return `${file} does not exist, and ${url} did not say whether an issuer is there already (${answering.why}). Try again: new keys would invalidate those of an issuer that exists`;
    }
    return undefined;
  }
  if (answering.kind !== 'issuer') return undefined;
  if (answering.feed !== keys.feed.publicKey) {
    return `the issuer at ${url} signs its feed with another key than ${file} has. Copy the file from where the issuer was deployed: every verifier would reject the feed`;
  }
  const own = new Set(keys.mint.map(({ publicKey }) => publicKey));
  const lost = answering.mint.filter((key) => !own.has(key));
  if (lost.length === 0) return undefined;
  return `the issuer at ${url} accepts a root key that ${file} does not have (${lost[0]?.slice(0, 8)}…). Copy the newest file: tokens of that key would become invalid`;
}

/** Whether the issuer has exactly the keys of this folder in force. */
export const hasKeys = (answering: Answering, { feed, mint }: KeyFile): boolean =>
  answering.kind === 'issuer' &&
  answering.feed === feed.publicKey &&
  mint
    .filter(({ state }) => state === 'active')
    .every(({ publicKey }) => answering.mint.includes(publicKey));
