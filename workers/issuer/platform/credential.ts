import { bearerToken } from '../../../src/verifier/index.ts';

/**
 * SHA-256 of the bearer credential that a request brings; undefined where it brings none. An empty
 * credential is no credential: it must never equal a stored digest, whatever was configured.
 */
export async function credentialDigest(headers: Headers): Promise<ArrayBuffer | undefined> {
  const credential = bearerToken(headers);
  if (credential === '') return undefined;
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(credential));
}

/** Comparing digests in constant time tells nothing of the credential's bytes. */
export const isCredential = (
  digest: ArrayBuffer | undefined,
  known: Uint8Array<ArrayBuffer>,
): boolean => digest !== undefined && crypto.subtle.timingSafeEqual(digest, known);
