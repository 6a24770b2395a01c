/**
 * The wire format of Eclipse Biscuit v3 (schema.proto): converts bytes to data and back. Verifies
 * nothing.
 */
export { readBlock } from './block-reader.ts';
export { writeBlock, writeThirdPartyBlock } from './block-writer.ts';
export {
  type Envelope,
  readEnvelope,
  type SignedBlock,
  writeEnvelope,
  writeSignedBlock,
} from './envelope.ts';
export {
  algorithmNumber,
  publicKeyFault,
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
  writeContents,
  writeRequest,
} from './third-party.ts';
export { BLOCK_VERSION_3_3 } from './versions.ts';
