/**
 * The wire format of Eclipse Biscuit v3 (schema.proto): converts bytes to data and back. Verifies
 * nothing.
 */
export { readBlock } from './block-reader.ts';
export { writeBlock, writeThirdPartyBlock } from './block-writer.ts';
export {
  type Envelope,
  type ExternalSignature,
  type Proof,
  readEnvelope,
  type SignedBlock,
  writeEnvelope,
  writeSignedBlock,
} from './envelope.ts';
export {
  algorithmNumber,
  ED25519_KEY_BYTES,
  P256_KEY_BYTES,
  publicKeyFault,
  sameBytes,
  samePublicKey,
} from './public-key.ts';
export {
  type BlockSource,
  type BlockTables,
  EMPTY_TABLES,
  exceeded,
  readTables,
  type Tables,
} from './tables.ts';
export {
  readContents,
  readRequest,
  type ThirdPartyContents,
  writeContents,
  writeRequest,
} from './third-party.ts';
export { BLOCK_VERSION_3_3, BLOCK_VERSION_MAX, BLOCK_VERSION_MIN } from './versions.ts';
