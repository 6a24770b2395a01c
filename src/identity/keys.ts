import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { readBounded } from '../body.ts';
import type { Clock } from '../clock.ts';
import {
  KEYS_AGE_MILLISECONDS_MAX,
  KEYS_COOLDOWN_MILLISECONDS,
  KEYS_FETCH_MILLISECONDS_MAX,
  KEYS_RETRY_MILLISECONDS,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { Fetched } from './fetched.ts';
import type { KeysFailure } from './identity.ts';

export const JWKS_BYTES_MAX = 256 * 1024;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Thrown through jose, which knows no other way out of a key lookup; caught in jose-errors.ts. */
export class KeysUnavailable extends Error {
  readonly why: KeysFailure;

  constructor(why: KeysFailure) {
    super(`keys unavailable: ${why}`);
    this.why = why;
  }
}

/** How the keys of configured issuers are fetched. */
export interface KeySource {
  readonly fetch: Fetch;
  /** Milliseconds since the epoch. */
  readonly now: Clock;
  /** Keeps a fetch alive when the request that began it goes away. */
  readonly background?: ((work: Promise<unknown>) => void) | undefined;
}

/**
 * The keys of one issuer, fetched from `jwksUri` alone when first needed, kept, and fetched again
 * for an unknown key id once the cooldown is over, which is how a rotation arrives. A token cannot
 * make us fetch from elsewhere: `jku`, `x5u` and redirects are not followed.
 *
 * jose's `createRemoteJWKSet` is not used: on Workers it starts one fetch for each request, because
 * it shares a promise where only the value can be shared.
 */
export function remoteKeys(
  jwksUri: string,
  { fetch, now, background }: KeySource,
): JWTVerifyGetKey {
  const keys = new Fetched<JWTVerifyGetKey>({
    fetch: () => fetchKeySet(jwksUri, fetch),
    millisecondsMax: KEYS_FETCH_MILLISECONDS_MAX,
    retryMilliseconds: KEYS_RETRY_MILLISECONDS,
    now,
    background,
  });
  const younger = async (freshMilliseconds: number): Promise<JWTVerifyGetKey> => {
    const found = await keys.get({ freshMilliseconds, usableMilliseconds: freshMilliseconds });
    if (!found.ok) throw new KeysUnavailable(found.error);
    return found.value;
  };
  return async (header, token) => {
    const atHand = await younger(KEYS_AGE_MILLISECONDS_MAX);
    try {
      return await atHand(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    return (await younger(KEYS_COOLDOWN_MILLISECONDS))(header, token);
  };
}

async function fetchKeySet(
  jwksUri: string,
  fetch: Fetch,
): Promise<Result<JWTVerifyGetKey, KeysFailure>> {
  const read = await fetchJson(jwksUri, fetch);
  if (!read.ok) return read;
  try {
    return ok(createLocalJWKSet(read.value as unknown as JSONWebKeySet));
  } catch {
    return refuse('not_a_key_set'); // An element of `keys` that is no object.
  }
}

/** The document at `url`, bounded in bytes and time, with a list of keys (RFC 7517 section 5). */
export async function fetchJson(
  url: string,
  fetch: Fetch,
): Promise<Result<{ readonly keys: readonly unknown[] }, KeysFailure>> {
  const signal = AbortSignal.timeout(KEYS_FETCH_MILLISECONDS_MAX);
  const headers = { accept: 'application/json, application/jwk-set+json' };
  try {
    const response = await fetch(url, { method: 'GET', redirect: 'manual', headers, signal });
    if (response.status !== 200) {
      await response.body?.cancel();
      const redirected = response.status >= 300 && response.status < 400;
      return refuse(redirected ? 'redirected' : 'status');
    }
    const body = await readBounded(response, JWKS_BYTES_MAX);
    const keySet = body.ok ? readKeySet(body.value) : undefined;
    if (keySet) return ok(keySet);
    const large = !body.ok && body.error.code === 'body_too_large';
    return refuse(large ? 'too_large' : 'not_a_key_set');
  } catch {
    return refuse(signal.aborted ? 'timeout' : 'network');
  }
}

function readKeySet(text: string): { readonly keys: readonly unknown[] } | undefined {
  try {
    const value = JSON.parse(text) as { keys?: unknown } | null;
    return Array.isArray(value?.keys) ? (value as { keys: readonly unknown[] }) : undefined;
  } catch {
    return undefined;
  }
}
