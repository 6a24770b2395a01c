/** The trust feed: the signed log of what a verifier must know and cannot read from a token. */
export { chainInput, type EpochStart, epochInput } from './chain.ts';
export {
  FeedClient,
  type FeedFetch,
  type FeedOptions,
  type FloorStore,
  type RefreshError,
} from './client.ts';
export {
  type BlockEntry,
  type FeedEntry,
  isEntry,
  type ResumptionEntry,
  type SuspensionEntry,
  type WatermarkEntry,
  type WorkflowEntry,
} from './entry.ts';
export {
  type Head,
  type HeadKey,
  type HeadWatermark,
  headPayload,
  openHead,
  type Position,
  type SignedHead,
  type SnapshotReference,
  signHead,
} from './head.ts';
export { deltaPath, headPath, snapshotPath } from './paths.ts';
export { decodeRecords, type EntryRecord, encodeEntry } from './record.ts';
export {
  type FeedError,
  type FeedFloor,
  type FeedHit,
  type FeedLimit,
  type FeedQuestion,
  FeedReplica,
  type FeedUpdate,
  type ReplicaOptions,
} from './replica.ts';
export { encodeSnapshot, type LiveRevocation, type SnapshotContent } from './snapshot-writer.ts';
export {
  WATERMARK_SCOPES,
  type Watermark,
  type WatermarkScope,
  WatermarkSet,
} from './watermark.ts';
export { WorkflowStops } from './workflow-stops.ts';
