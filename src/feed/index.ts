/** The trust feed: the signed log of what a verifier must know and cannot read from a token. */

export type { EpochStart } from './chain.ts';
export { FeedClient, type FeedOptions } from './client.ts';
export {
  type ConfirmationSink,
  type ConfirmOptions,
  confirmOverHttp,
  type FeedConfirmation,
  FeedReporter,
  type FeedReporterOptions,
  type RecordCount,
  type RecordCounts,
} from './confirmation.ts';
export { isDeniedTool } from './denied-tools.ts';
export {
  type BlockEntry,
  type DenialEntry,
  type FeedEntry,
  type LiftEntry,
  NEVER_EXPIRES,
  type ResumptionEntry,
  type SuspensionEntry,
  type WatermarkEntry,
  type WithdrawalEntry,
  type WorkflowEntry,
} from './entry.ts';
export type { FeedError, FeedLimit, RefreshError, UpdateError } from './errors.ts';
export { type ExportError, exportFeed } from './export.ts';
export {
  encodeFeedFile,
  type FeedFile,
  type FileError,
  FileFeed,
  type FileOptions,
  openFeedFile,
} from './file.ts';
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
export { headPayload, signHead } from './head-writer.ts';
export { chainInput, decodeRecords, encodeMessage, epochInput, isEntry } from './keeper.ts';
export type { KillStatement } from './kill.ts';
export { readKills } from './kill-reader.ts';
export type { KillSource } from './kill-source.ts';
export { signKill } from './kill-writer.ts';
export type { FeedFetch } from './paths.ts';
export { encodeEntry } from './record-writer.ts';
export { type FeedHit, type FeedQuestion, FeedReplica, type ReplicaOptions } from './replica.ts';
export { type OneFeed, ShardedFeed } from './shards.ts';
export type { Signed } from './signed.ts';
export { encodeSnapshot, type LiveRevocation, type SnapshotContent } from './snapshot-writer.ts';
export { FeedSubscription, type Socket, type SubscriptionOptions } from './subscription.ts';
export type { FeedUpdate } from './update.ts';
export { WATERMARK_SCOPES, type Watermark, type WatermarkScope } from './watermark.ts';
export { WatermarkSet } from './watermarks.ts';
export { WorkflowStops } from './workflow-stops.ts';
