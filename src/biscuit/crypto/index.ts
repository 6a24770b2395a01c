/** Keys and signatures on WebCrypto: Ed25519, and ECDSA on P-256 for callers that enable it. */
export { type BlockSigner, blockSigner } from './block-signer.ts';
export {
  generateKeyPair,
  type KeyPair,
  type PrivateJwk,
  type PrivateKey,
  privateKeyFromBytes,
  privateKeyFromJwk,
  privateKeyFromText,
  privateKeyToJwk,
} from './private-key.ts';
export {
  type PublicJwk,
  publicKeyFromBytes,
  publicKeyFromJwk,
  publicKeyFromText,
  publicKeyToJwk,
  publicKeyToText,
} from './public-key.ts';
export { publicKeyThumbprint } from './thumbprint.ts';
export { keepImport, verifySignature } from './verify.ts';
