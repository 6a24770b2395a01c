import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { readBounded } from '../body.ts';
import {
  JWKS_BYTES_MAX,
  KEYS_AGE_MILLISECONDS_MAX,
  KEYS_COOLDOWN_MILLISECONDS,
  KEYS_FETCH_MILLISECONDS_MAX,
  KEYS_RETRY_MILLISECONDS,
} from '../limits.ts';
import type { KeysFailure } from './identity.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Thrown through jose, which knows no other way out of a fetch; caught in jose-errors.ts. */
export class KeysUnavailable extends Error {
  readonly why: KeysFailure;

  constructor(why: KeysFailure) {
    super(`keys unavailable: ${why}`);
    this.why = why;
  }
}

/**
 * The keys of one issuer, fetched from `jwksUri` alone when first needed, kept, and fetched again
 * for an unknown key id once the cooldown is over, which is how a rotation arrives. A token cannot
 * make us fetch from elsewhere: `jku`, `x5u` and redirects are not followed.
 */
export function remoteKeys(jwksUri: string, fetch: Fetch, now: () => number): JWTVerifyGetKey {
  let failedAt = Number.NEGATIVE_INFINITY;
  return createRemoteJWKSet(new URL(jwksUri), {
    timeoutDuration: KEYS_FETCH_MILLISECONDS_MAX,
    cooldownDuration: KEYS_COOLDOWN_MILLISECONDS,
    cacheMaxAge: KEYS_AGE_MILLISECONDS_MAX,
    [customFetch]: async (url, init) => {
      // jose's cooldown starts at a success. Without this one, every request of a stranger would
      // wait for a broken issuer, and break it further.
      if (now() - failedAt < KEYS_RETRY_MILLISECONDS) throw new KeysUnavailable('cooling_down');
      try {
        return await fetchKeys(url, init, fetch);
      } catch (error) {
        failedAt = now();
        throw error;
      }
    },
  });
}

/** The document at `url`, bounded and with a list of keys. Throws `KeysUnavailable`. */
export async function fetchKeys(url: string, init: RequestInit, fetch: Fetch): Promise<Response> {
  try {
    const response = await fetch(url, init);
    if (response.status !== 200) {
      await response.body?.cancel();
      const redirected = response.status >= 300 && response.status < 400;
      throw new KeysUnavailable(redirected ? 'redirected' : 'status');
    }
    const body = await readBounded(response, JWKS_BYTES_MAX);
    if (body.ok && isKeySet(body.value)) return new Response(body.value);
    const large = !body.ok && body.error.code === 'body_too_large';
    throw new KeysUnavailable(large ? 'too_large' : 'not_a_key_set');
  } catch (error) {
    if (error instanceof KeysUnavailable) throw error;
    throw new KeysUnavailable(init.signal?.aborted ? 'timeout' : 'network');
  }
}

/**
 * RFC 7517 section 5, as far as jose needs it: it throws a bare error for what is not even JSON.
 */
function isKeySet(text: string): boolean {
  try {
    return Array.isArray((JSON.parse(text) as { keys?: unknown } | null)?.keys);
  } catch {
    return false;
  }
}
