import type { CryptoKey } from 'jose';
import { fromBase64Url, fromHex } from './encoding.ts';

/**
 * An Ed25519 public key, as text or imported. The text is 64 hex digits, as `hewn keys list` prints
 * it, also after `ed25519/`; or the `x` of the key in the issuer's JWKS.
 */
export type PublicKeyInput = CryptoKey | string;

const PREFIX = 'ed25519/';
const KEY_BYTES = 32;

/** Returns the bytes of a public key's text; undefined for any other text. */
export function readPublicKey(text: string): Uint8Array<ArrayBuffer> | undefined {
  const digits = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const bytes = fromHex(digits) ?? (digits === text ? fromBase64Url(text) : undefined);
  return bytes?.length === KEY_BYTES ? bytes : undefined;
}
