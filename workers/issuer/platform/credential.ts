import { bearerToken } from '../../../src/verifier/index.ts';

/**
 * Returns the SHA-256 of the bearer credential of a request. Undefined if there is none, or if it
 * is empty: an empty credential must never equal a stored digest, whatever was configured.
 */
export async function credentialDigest(headers: Headers): Promise<ArrayBuffer | undefined> {
  const credential = bearerToken(headers);
  if (credential === '') return undefined;
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(credential));
}

/** Compares digests in constant time, which reveals nothing about the credential. */
export const isCredential = (
  digest: ArrayBuffer | undefined,
  known: Uint8Array<ArrayBuffer>,
): boolean => digest !== undefined && crypto.subtle.timingSafeEqual(digest, known);
