/**
 * Transparency logs in the formats of C2SP: the tree of RFC 9162, tiles and bundles, signed notes,
 * checkpoints with cosignatures of witnesses, policies and proof files. Pure functions of bytes:
 * nothing here reads a log, stores one or asks a witness.
 */
export { fromBase64, toBase64 } from './base64.ts';
export { checkConsistency, checkInclusion, type Growth, type Inclusion } from './check.ts';
export { type Checkpoint, formatCheckpoint, readCheckpoint } from './checkpoint.ts';
export {
  decodeFrontier,
  EMPTY_FRONTIER,
  encodeFrontier,
  extendFrontier,
  type Frontier,
  frontierRoot,
  rootOf,
} from './frontier.ts';
export { EMPTY_ROOT, equalHashes, HASH_BYTES, leafHash, nodeHash, sha256 } from './hash.ts';
export {
  formatVerifierKey,
  type KeyUse,
  type NoteKey,
  type NoteSigner,
  noteKey,
  noteSigner,
  readVerifierKey,
  type VerifierKeyFault,
} from './key.ts';
export {
  formatNote,
  formatSignature,
  type Note,
  type NoteSignature,
  readNote,
  readSignatures,
} from './note.ts';
export {
  type Group,
  type Party,
  type Policy,
  type PolicyFault,
  type PolicyFaultCode,
  quorumTime,
  readPolicy,
} from './policy.ts';
export {
  formatProofFile,
  type ProofFault,
  type ProofFile,
  type ProvenEntry,
  readProofFile,
  verifyProofFile,
} from './proof-file.ts';
export {
  proveConsistency,
  proveConsistencyIn,
  proveInclusion,
  proveInclusionIn,
  readFrontier,
  type TileReader,
} from './prove.ts';
export {
  addSignatures,
  cosign,
  type NoteFault,
  type OpenedNote,
  openNote,
  signCheckpoint,
  type VerifiedSignature,
  verifySignatures,
} from './sign.ts';
export {
  type Bundle,
  bundlePath,
  decodeBundle,
  decodeTile,
  ENTRY_BYTES_MAX,
  encodeBundle,
  encodeTile,
  readBundlePath,
  readTilePath,
  TILE_HASHES,
  type Tile,
  tilePath,
  tilesCompletedAt,
  tileWidth,
} from './tile.ts';
export {
  type CheckpointFault,
  requireQuorum,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from './verify.ts';
export {
  formatWitnessRequest,
  monitoringPath,
  readWitnessAnswer,
  type WitnessAnswer,
  type WitnessRequest,
} from './witness.ts';
