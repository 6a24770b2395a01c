/**
 * The writing side of the trust feed: what a log, a mirror of one, or the holder of an offline key
 * needs. A verifier loads none of it (`test/unit/bundle-size.test.ts`).
 */

import type { SignedHead } from '../format/head.ts';
import { packHead } from '../format/packed-head.ts';

export { catalogueExtension } from '../format/catalogue-extension.ts';
export { chainInput, type EpochStart, epochInput } from '../format/chain.ts';
export {
  type AuditExtension,
  auditExtension,
  type CheckpointExtension,
  type CheckpointValue,
  checkpointExtension,
  fitsHead,
} from '../format/checkpoint-extension.ts';
export type { EntryKind, EntryOf } from '../format/entry.ts';
export {
  APPROVER_DATASET_BYTES_MAX,
  APPROVER_DATASETS_MAX,
  fitsKeyList,
  HEAD_LIST_KEYS_MAX,
  keyExtensions,
} from '../format/keys-extension.ts';
export { readKills } from '../format/kill-statement.ts';
export {
  feedOrigin,
  type HeadContent,
  openingLeaf,
  positionLeaf,
  unsignedLeaf,
} from '../format/position-leaf.ts';
export { decodeRecords, type EntryRecord } from '../format/read-records.ts';
export { type CommonFields, isEntry, RECORD_KINDS } from '../format/record-kinds.ts';
export { HEAD_FORM } from '../format/signed.ts';
export { headPayload, type Sign, signHead, signKill } from './sign.ts';
export { encodeEntry } from './write-record.ts';
export { encodeSnapshot, type LiveRevocation, type SnapshotContent } from './write-snapshot.ts';

/** Returns what a log sends over a socket: its newest head, and the records that lead to it. */
export const encodeMessage = (head: SignedHead, delta: Uint8Array): Uint8Array<ArrayBuffer> =>
  packHead(head, delta);
