/** The trust feed: the signed log of what a verifier must know and cannot read from a token. */
export { FeedClient, type FeedFetch, type FeedOptions, type RefreshError } from './client.ts';
export type {
  BlockEntry,
  FeedEntry,
  ResumptionEntry,
  SuspensionEntry,
  WatermarkEntry,
  WorkflowEntry,
} from './entry.ts';
export type { FloorStore } from './floor.ts';
export type {
  FeedFloor,
  Head,
  HeadKey,
  HeadWatermark,
  Position,
  SignedHead,
  SnapshotReference,
} from './head.ts';
export type { FeedError, FeedLimit } from './head-order.ts';
export {
  chainInput,
  decodeRecords,
  type EpochStart,
  encodeEntry,
  encodeSnapshot,
  epochInput,
  headPayload,
  isEntry,
  type LiveRevocation,
  type SnapshotContent,
  signHead,
  WatermarkSet,
  WorkflowStops,
} from './keeper.ts';
export { type FeedHit, type FeedQuestion, FeedReplica, type ReplicaOptions } from './replica.ts';
export type { FeedUpdate, UpdateError } from './update.ts';
export type { Watermark, WatermarkScope } from './watermark.ts';
