import { bearerToken } from '../../../src/verifier/index.ts';

/** SHA-256 of the bearer credential that a request brings; that of nothing where it brings none. */
export function credentialDigest(headers: Headers): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(bearerToken(headers)));
}

/** Comparing digests in constant time tells nothing of the credential's bytes. */
export const isCredential = (digest: ArrayBuffer, known: Uint8Array<ArrayBuffer>): boolean =>
  crypto.subtle.timingSafeEqual(digest, known);
