/**
 * The Durable Object classes of the issuer, and the entrypoint that gateways call. The entry file
 * of an issuer exports all of them, under these names, for its `wrangler.toml` to bind.
 *
 * They are apart from `createIssuer` because the exports of an entry file must be classes and
 * handlers: `wrangler types` describes each of them.
 */

export { Activity } from './activity/object.ts';
export { Approvals } from './approval/object.ts';
export { TileStore } from './archive/tile-store.ts';
export { DecisionSink } from './audit/decision-sink.ts';
export { AuditLog } from './audit/object.ts';
export { FeedArchive } from './feed/archive.ts';
export { RevocationLog } from './feed/object.ts';
export { TransparencyLog } from './log/object.ts';
export { Operators } from './operators/object.ts';
export { ReplayStore } from './platform/replay-store.ts';
export { StatusList } from './signals/status-list.ts';
export { SignalStreams } from './signals/streams.ts';
export { SubjectKeys } from './subject-keys/object.ts';
export { Tally } from './tally/object.ts';
export { Versions } from './version/object.ts';
export { Watchdog } from './watchdog/object.ts';
export { Breaker } from './workflow/breaker.ts';
export { Workflow } from './workflow/object.ts';
