/**
 * The trust feed, as a verifier needs it: its signed log of what a verifier must know and cannot
 * read from a token. `log/index.ts` (`hewn/feed/log`) is the door for the side that writes it.
 */

export type { PublicKeyInput } from '../public-key.ts';
export { FeedClient, type FeedOptions } from './client/client.ts';
export {
  type ConfirmationSink,
  type ConfirmOptions,
  confirmOverHttp,
  type FeedConfirmation,
  FeedReporter,
  type FeedReporterOptions,
  type RecordCount,
  type RecordCounts,
} from './client/confirmation.ts';
export { type ExportError, exportFeed } from './client/export.ts';
export {
  encodeFeedFile,
  type FeedFile,
  type FileError,
  FileFeed,
  type FileOptions,
  openFeedFile,
} from './client/file.ts';
export type { KillSource } from './client/kill-source.ts';
export type { RefreshError } from './client/refresh-error.ts';
export { ShardedFeed, type ShardFeed } from './client/sharded-feed.ts';
export {
  FeedSubscription,
  type Socket,
  type SubscriptionOptions,
} from './client/subscription.ts';
export { type CatalogueExtension, catalogueOf } from './format/catalogue-extension.ts';
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
} from './format/entry.ts';
export type {
  FeedFloor,
  Head,
  HeadExtension,
  HeadKey,
  HeadWatermark,
  Position,
  SignedHead,
  SnapshotReference,
} from './format/head.ts';
export {
  type ApproverKey,
  approverKeysOf,
  type HeadKeyList,
  type HeadKeyLists,
  type ReceiptKey,
  receiptKeysOf,
} from './format/keys-extension.ts';
export type { KillStatement } from './format/kill-statement.ts';
export type { FeedFetch } from './format/paths.ts';
export type { Signed } from './format/signed.ts';
export { WATERMARK_SCOPES, type Watermark, type WatermarkScope } from './format/watermark.ts';
export { isDeniedTool } from './replica/denied-tools.ts';
export type { FeedError, FeedLimit, UpdateError } from './replica/errors.ts';
export type { FloorStore } from './replica/floor.ts';
export {
  type FeedHit,
  type FeedQuery,
  FeedReplica,
  type ReplicaOptions,
} from './replica/replica.ts';
export type { FeedUpdate } from './replica/update.ts';
export { WatermarkSet } from './replica/watermark-set.ts';
export { WorkflowStops } from './replica/workflow-stops.ts';
