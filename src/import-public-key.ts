import type { CryptoKey } from 'jose';
import { type PublicKeyInput, readPublicKey } from './public-key.ts';

/** Splits a list that is written as one text: two keys while one replaces the other. */
export const listKeys = (keys: PublicKeyInput | readonly PublicKeyInput[]) =>
  (typeof keys === 'string' ? keys.split(' ') : [keys].flat()) as readonly PublicKeyInput[];

const IMPORTED_MAX = 16; // A verifier has one feed key, two during a rotation, and one kill key.
const imported = new Map<string, CryptoKey>();

/** Imports a key to verify with. Rejects with a TypeError for a text that is no public key. */
export async function importPublicKey(key: PublicKeyInput): Promise<CryptoKey> {
  if (typeof key !== 'string') return key;
  const known = imported.get(key);
  if (known) return known;
  const raw = readPublicKey(key);
  if (!raw) throw new TypeError('not an Ed25519 public key');
  const added = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
  if (imported.size >= IMPORTED_MAX) imported.clear();
  imported.set(key, added);
  return added;
}
