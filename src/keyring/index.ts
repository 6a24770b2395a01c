/** The issuer's root keys: which key signs, which keys verifiers accept, and how keys rotate. */
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
