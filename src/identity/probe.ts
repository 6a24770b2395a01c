import type { KeysFailure } from './identity.ts';
import type { IdentityIssuer } from './issuer.ts';
import { type Fetch, fetchJson } from './keys.ts';

/** Whether the keys of an identity issuer could be fetched now. */
export interface ProbedIssuer {
  readonly name: string;
  readonly kind: 'oidc' | 'spiffe' | 'client';
  /** `static`: they are part of the configuration. */
  readonly keys: 'static' | 'reachable' | 'unreachable';
  readonly why?: KeysFailure;
}

/**
 * Fetches the keys of an identity issuer once, past every cache, within the bounds of a fetch for a
 * token. For the person who looks for the reason why a token is refused.
 */
export async function probeIssuer(entry: IdentityIssuer, fetch: Fetch): Promise<ProbedIssuer> {
  const { name, kind = 'oidc' } = entry;
  const url = keysUrl(entry);
  if (url === undefined) return { name, kind, keys: 'static' };
  const fetched = await fetchJson(url, fetch);
  return fetched.ok
    ? { name, kind, keys: 'reachable' }
    : { name, kind, keys: 'unreachable', why: fetched.error };
}

/** Returns where the keys of an identity issuer are; undefined if its entry has them. */
const keysUrl = (entry: IdentityIssuer): string | undefined =>
  entry.kind === 'spiffe' ? entry.bundleUri : entry.jwksUri;
