import type { CryptoKey } from 'jose';
import { fromBase64Url, fromHex } from './encoding.ts';

/**
 * An Ed25519 public key, as text or imported. The text is 64 hex digits, as `hewn keys list` prints
 * it, also after `ed25519/`; or the `x` of the key in the issuer's JWKS.
 */
export type PublicKeyInput = CryptoKey | string;

const PREFIX = 'ed25519/';
const KEY_BYTES = 32;

/** Returns the bytes of a public key's text; undefined if it is none. */
export function readPublicKey(text: string): Uint8Array<ArrayBuffer> | undefined {
  const digits = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const bytes = fromHex(digits) ?? (digits === text ? fromBase64Url(text) : undefined);
  return bytes?.length === KEY_BYTES ? bytes : undefined;
}

/** Splits a list that is written as one text: two keys while one replaces the other. */
export const listKeys = (keys: PublicKeyInput | readonly PublicKeyInput[]) =>
  (typeof keys === 'string' ? keys.split(' ') : [keys].flat()) as readonly PublicKeyInput[];

/** Imports a key to verify with. Rejects with a TypeError for a text that is no public key. */
export async function importPublicKey(key: PublicKeyInput): Promise<CryptoKey> {
  if (typeof key !== 'string') return key;
  const raw = readPublicKey(key);
  if (!raw) throw new TypeError('not an Ed25519 public key');
  return crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
}
