/** Verifies one signature with WebCrypto, after closing the gaps that platforms leave open. */
import type { PublicKey } from '../datalog/index.ts';
import { IMPORT, SIGN } from './algorithms.ts';
import { signatureFromDer } from './der.ts';
import { ED25519_SIGNATURE_BYTES, isCanonicalScalar, isWeakPoint } from './ed25519.ts';

/** `malformed`: the bytes cannot be a signature of the key's algorithm. */
export type Verdict = 'valid' | 'invalid' | 'malformed';

/**
 * Imported keys that are worth caching, by object identity. Not all keys: an entry survives every
 * minor garbage collection, and most keys occur in one token that is seen once.
 */
const imported = new WeakMap<PublicKey, Promise<CryptoKey> | undefined>();

/** Caches the import of this key from now on: it is a root key, or belongs to a cached chain. */
export function keepImport(key: PublicKey): void {
  if (!imported.has(key)) imported.set(key, undefined);
}

function importKey(key: PublicKey): Promise<CryptoKey> {
  const known = imported.get(key);
  if (known !== undefined) return known;
  const promise = importBytes(key);
  if (imported.has(key)) imported.set(key, promise);
  return promise;
}

/** Rejects for a key that is no point of its curve. */
async function importBytes({ algorithm, bytes }: PublicKey): Promise<CryptoKey> {
  const raw = algorithm === 'ed25519' ? bytes : (await import('./p256.ts')).decompress(bytes);
  const copy = new Uint8Array(raw ?? []);
  return crypto.subtle.importKey('raw', copy, IMPORT[algorithm], false, ['verify']);
}

/** Never rejects: a key that the platform cannot import has signed nothing. */
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
    // No buffer of a token is shared between threads, which the types of a browser ask for.
    const bytes = raw as Uint8Array<ArrayBuffer>;
    const isValid = await crypto.subtle.verify(SIGN[algorithm], platformKey, bytes, payload);
    return isValid ? 'valid' : 'invalid';
  } catch {
    return 'invalid';
  }
}

const isWeak = (key: PublicKey, signature: Uint8Array): boolean =>
  isWeakPoint(key.bytes, 0) || isWeakPoint(signature, 0) || !isCanonicalScalar(signature);
