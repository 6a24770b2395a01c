/** The issuer's root keys: which key signs, which keys verifiers accept, and how keys rotate. */
export { type MintKey, readMintKeys, writeMintKeys } from './mint-keys.ts';
export {
  addKey,
  type KeyPair,
  type KeyRing,
  type RingError,
  retireKey,
  ringFault,
  rotateKeys,
} from './ring.ts';
