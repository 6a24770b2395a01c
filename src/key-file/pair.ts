import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { concatBytes, fromHex, toHex } from '../encoding.ts';
import type { KeyPair } from '../keyring/index.ts';

const PRIVATE_PREFIX = 'ed25519-private/';
const SEED_BYTES = 32;
// RFC 8410 section 7: the fixed bytes before the 32 of an Ed25519 seed.
const PKCS8_PREFIX = Uint8Array.from(Buffer.from('302e020100300506032b657004220420', 'hex'));

export function generatePair(): KeyPair {
  const seed = generateKeyPairSync('ed25519')
    .privateKey.export({ format: 'der', type: 'pkcs8' })
    .subarray(-SEED_BYTES);
  return { privateKey: `${PRIVATE_PREFIX}${toHex(seed)}`, publicKey: toHex(publicKeyOf(seed)) };
}

export const isPrivateKey = (text: string): boolean => seedOf(text) !== undefined;

/** Whether the two halves belong together. */
export function isPair({ privateKey, publicKey }: KeyPair): boolean {
  const seed = seedOf(privateKey);
  return seed !== undefined && toHex(publicKeyOf(seed)) === publicKey;
}

/** Returns an Ed25519 signer. Throws unless `isPrivateKey(privateKey)`. */
export function signerOf(privateKey: string): (bytes: Uint8Array) => Promise<Uint8Array> {
  const seed = seedOf(privateKey);
  if (!seed) throw new Error('not a private key');
  const key = keyOf(seed);
  return async (bytes) => sign(null, bytes, key);
}

function keyOf(seed: Uint8Array): KeyObject {
  const key = Buffer.from(concatBytes(PKCS8_PREFIX, seed));
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

function publicKeyOf(seed: Uint8Array): Uint8Array {
  return createPublicKey(keyOf(seed)).export({ format: 'der', type: 'spki' }).subarray(-SEED_BYTES);
}

function seedOf(privateKey: string): Uint8Array | undefined {
  if (!privateKey.startsWith(PRIVATE_PREFIX)) return undefined;
  const seed = fromHex(privateKey.slice(PRIVATE_PREFIX.length));
  return seed?.length === SEED_BYTES ? seed : undefined;
}
