import { toBase64Url, utf8 } from './encoding.ts';

/** A public key and nothing else (RFC 7518 section 6.2, RFC 8037). */
export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };

/** Returns the RFC 7638 SHA-256 thumbprint: of the required members only, in lexical order. */
export async function thumbprintOf(jwk: PublicJwk): Promise<string> {
  const { crv, kty, x } = jwk;
  const members = jwk.kty === 'EC' ? { crv, kty, x, y: jwk.y } : { crv, kty, x };
  const digest = await crypto.subtle.digest('SHA-256', utf8(JSON.stringify(members)));
  return toBase64Url(new Uint8Array(digest));
}

/** Returns whether a text has the form of a SHA-256 thumbprint. */
export const isThumbprint = (text: unknown): text is string =>
  typeof text === 'string' && /^[\w-]{43}$/.test(text);
