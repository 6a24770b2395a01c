/** Verification of one signature by WebCrypto, with what the platforms leave open closed first. */
import type { PublicKey } from '../datalog/index.ts';
import { IMPORT, SIGN } from './algorithms.ts';
import { signatureFromDer } from './der.ts';
import { ED25519_SIGNATURE_BYTES, isCanonicalScalar, isWeakPoint } from './ed25519.ts';

/** `malformed`: not the form of a signature of the key's algorithm. */
export type Verdict = 'valid' | 'invalid' | 'malformed';

/**
 * Imports of the keys that are kept, by the identity of the key's object. Not of all keys: an entry
 * outlives every young collection, and most keys come once, in a token that is seen once.
 */
const imported = new WeakMap<PublicKey, Promise<CryptoKey> | undefined>();

/** The import of this key is kept from now on: it is a root key, or one of a cached chain. */
export function keepImport(key: PublicKey): void {
  if (!imported.has(key)) imported.set(key, undefined);
}

function importKey(key: PublicKey): Promise<CryptoKey> {
  const known = imported.get(key);
  if (known !== undefined) return known;
  const bytes = new Uint8Array(key.bytes);
  const promise = crypto.subtle.importKey('raw', bytes, IMPORT[key.algorithm], false, ['verify']);
  if (imported.has(key)) imported.set(key, promise);
  return promise;
}

/** Never rejects: a key that the platform cannot read has signed nothing. */
export async function verifySignature(
  key: PublicKey,
  payload: Uint8Array<ArrayBuffer>,
  signature: Uint8Array,
): Promise<Verdict> {
  const raw = key.algorithm === 'ed25519' ? signature : signatureFromDer(signature);
  if (raw === undefined || raw.length !== ED25519_SIGNATURE_BYTES) return 'malformed';
  if (key.algorithm === 'ed25519' && isWeak(key, raw)) return 'invalid';
  try {
    const { algorithm } = key;
    const platformKey = await importKey(key);
    const isValid = await crypto.subtle.verify(SIGN[algorithm], platformKey, raw, payload);
    return isValid ? 'valid' : 'invalid';
  } catch {
    return 'invalid';
  }
}

const isWeak = (key: PublicKey, signature: Uint8Array): boolean =>
  isWeakPoint(key.bytes, 0) || isWeakPoint(signature, 0) || !isCanonicalScalar(signature);
