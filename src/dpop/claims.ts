import { toBase64Url, utf8 } from '../encoding.ts';

export type { PublicJwk } from '../jwk-thumbprint.ts';

/**
 * The signature algorithms of proofs: asymmetric (RFC 9449 section 4.3, step 5), and available in
 * WebCrypto on every platform. Spelled as in server metadata and in the `algs` of a challenge.
 */
export const DPOP_ALGORITHMS = ['ES256', 'EdDSA'] as const;

/** One of `DPOP_ALGORITHMS`. */
export type DpopAlgorithm = (typeof DPOP_ALGORITHMS)[number];

/**
 * Returns a URL as `htu` names it: normalised, without query and fragment (RFC 9449 section 4.3,
 * step 9). Undefined for anything but an http(s) URL, and for a URL with user info, which some
 * readers drop and others take for the host.
 */
export function targetOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  return `${url.origin}${url.pathname}`;
}

/** Returns the `ath` of a token: its SHA-256 in base64url (RFC 9449 section 4.2). */
export async function tokenHash(token: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(token))));
}
