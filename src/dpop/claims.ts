import { toBase64Url, utf8 } from '../encoding.ts';

/**
 * The signature algorithms of proofs (RFC 9449 section 4.3, step 5): asymmetric, and those that
 * WebCrypto has on every platform. In the form of metadata and of the `algs` of a challenge.
 */
export const DPOP_ALGORITHMS = ['ES256', 'EdDSA'] as const;
export type DpopAlgorithm = (typeof DPOP_ALGORITHMS)[number];

/** A public key with nothing else in it (RFC 7518 section 6.2, RFC 8037). */
export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };

/**
 * A URL as `htu` names it: normalised, without query and fragment (RFC 9449 section 4.3, step 9).
 * Undefined for what is no http(s) URL, and for one with user info, which some readers drop and
 * others take for a host.
 */
export function targetOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  return `${url.origin}${url.pathname}`;
}

/** The `ath` of a token: base64url of its SHA-256 (RFC 9449 section 4.2). */
export async function tokenHash(token: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(token))));
}

/** RFC 7638 SHA-256 thumbprint: the required members alone, in lexical order. */
export async function thumbprintOf(jwk: PublicJwk): Promise<string> {
  const { crv, kty, x } = jwk;
  const members = jwk.kty === 'EC' ? { crv, kty, x, y: jwk.y } : { crv, kty, x };
  const digest = await crypto.subtle.digest('SHA-256', utf8(JSON.stringify(members)));
  return toBase64Url(new Uint8Array(digest));
}
