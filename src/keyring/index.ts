/** The issuer's root keys: which of them mint, which of them count, and how one follows another. */
export { type MintKey, type MintKeys, readMintKeys, writeMintKeys } from './mint-keys.ts';
export {
  addKey,
  type KeyPair,
  type KeyRing,
  type KeyState,
  type RingError,
  type RingKey,
  retireKey,
  ringFault,
  rotateKeys,
} from './ring.ts';
