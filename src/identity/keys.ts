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

/** Thrown through jose, whose key lookup has no other way to fail; caught in jose-errors.ts. */
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
  readonly now: Clock;
  /** Keeps a fetch alive when the request that started it goes away. */
  readonly background?: ((work: Promise<unknown>) => void) | undefined;
}

/**
 * Returns the key lookup of one issuer. Its keys are fetched from `jwksUri` when first needed,
 * cached, and fetched again for an unknown key id after a cooldown, which is how a rotation is
 * noticed. A token cannot direct the fetch elsewhere: `jku`, `x5u` and redirects are ignored.
 *
 * We do not use jose's `createRemoteJWKSet`: it shares a promise between requests, and on Workers
 * only values can be shared, so it would start one fetch per request.
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
  const keysYoungerThan = async (freshMilliseconds: number): Promise<JWTVerifyGetKey> => {
    const found = await keys.get({ freshMilliseconds, usableMilliseconds: freshMilliseconds });
    if (!found.ok) throw new KeysUnavailable(found.error);
    return found.value;
  };
  return async (header, token) => {
    const cached = await keysYoungerThan(KEYS_AGE_MILLISECONDS_MAX);
    try {
      return await cached(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    return (await keysYoungerThan(KEYS_COOLDOWN_MILLISECONDS))(header, token);
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
    return refuse('not_a_key_set'); // An element of `keys` is not an object.
  }
}

/** Fetches a JWK set (RFC 7517 section 5), bounded in bytes and time. */
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
