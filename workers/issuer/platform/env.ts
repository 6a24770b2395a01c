import type { LogName } from '../../../src/audit/index.ts';
import { canonicalJson } from '../../../src/canonical-json.ts';
import { toHex, utf8 } from '../../../src/encoding.ts';
import type { HistoryScope } from '../../../src/history/index.ts';
import type { RateBinding } from '../../../src/rates/index.ts';
import { sha256 } from '../../../src/tlog/index.ts';
import type { ActivityBinding } from '../activity/binding.ts';
import type { ApprovalsBinding } from '../approval/binding.ts';
import type { Archive } from '../archive/archive.ts';
import { BucketArchive } from '../archive/bucket.ts';
import { StoreArchive } from '../archive/store.ts';
import type { TileStoreBinding } from '../archive/store-binding.ts';
import type { AuditLogBinding } from '../audit/binding.ts';
import type { FeedArchiveBinding } from '../feed/archive-binding.ts';
import type { RevocationLogBinding } from '../feed/binding.ts';
import type { LogBinding } from '../log/binding.ts';
import type { OperatorsBinding } from '../operators/binding.ts';
import type { StatusListBinding } from '../signals/status-binding.ts';
import type { SignalStreamsBinding } from '../signals/streams-binding.ts';
import type { SubjectKeysBinding } from '../subject-keys/binding.ts';
import type { TallyBinding } from '../tally/binding.ts';
import type { VersionsBinding } from '../version/binding.ts';
import type { WatchdogBinding } from '../watchdog/binding.ts';
import type { WorkflowBinding } from '../workflow/binding.ts';
import type { BreakerBinding } from '../workflow/breaker-binding.ts';
import { rootOf } from '../workflow/id.ts';
import type { ReplayStore } from './replay-store.ts';

/**
 * The bindings, variables and secrets of the issuer, as wrangler.toml and the deployment set them.
 */
export interface IssuerEnv {
  readonly WORKFLOW: DurableObjectNamespace<WorkflowBinding>;
  readonly REVOCATION_LOG: DurableObjectNamespace<RevocationLogBinding>;
  readonly FEED_ARCHIVE: DurableObjectNamespace<FeedArchiveBinding>;
  readonly AUDIT_LOG: DurableObjectNamespace<AuditLogBinding>;
  readonly LOG: DurableObjectNamespace<LogBinding>;
  readonly TILE_STORE: DurableObjectNamespace<TileStoreBinding>;
  readonly SUBJECT_KEYS: DurableObjectNamespace<SubjectKeysBinding>;
  readonly ACTIVITY: DurableObjectNamespace<ActivityBinding>;
  /** The archive of the logs. Without it, `TILE_STORE` has the archive. */
  readonly ARCHIVE: R2Bucket | undefined;
  readonly REPLAY_STORE: DurableObjectNamespace<ReplayStore>;
  readonly BREAKER: DurableObjectNamespace<BreakerBinding>;
  readonly STATUS_LIST: DurableObjectNamespace<StatusListBinding>;
  readonly SIGNAL_STREAMS: DurableObjectNamespace<SignalStreamsBinding>;
  readonly APPROVALS: DurableObjectNamespace<ApprovalsBinding>;
  readonly VERSIONS: DurableObjectNamespace<VersionsBinding>;
  readonly WATCHDOG: DurableObjectNamespace<WatchdogBinding>;
  readonly OPERATORS: DurableObjectNamespace<OperatorsBinding>;
  readonly TALLY: DurableObjectNamespace<TallyBinding>;
  readonly ISSUER: string;
  readonly AUDIENCES: string;
  readonly IDENTITY_ISSUERS: string;
  readonly MINT_KEYS: string;
  readonly FEED_KEY: string;
  readonly OPERATOR_SHA256: string;
  /** Without it, records are appended and no checkpoint is signed. */
  readonly LOG_KEY: string | undefined;
  /** Signs approvals of single calls. Without it, none can be approved. */
  readonly APPROVER_KEY: string | undefined;
  /** Who operators are, as JSON. Without it, the two credentials are all there are. */
  readonly OPERATOR_DIRECTORY: string | undefined;
  readonly AUDITOR_SHA256: string | undefined;
  /** A policy in the form of C2SP tlog-policy. */
  readonly WITNESSES: string | undefined;
  /** See `logsBaseOf`. */
  readonly LOG_GENERATION: string | undefined;
  readonly AUDIT_RETENTION: string | undefined;
  readonly FEED_SHARDS: string | undefined;
  readonly DPOP_NONCE_SECRET: string | undefined;
  readonly VERIFIER_CREDENTIALS: string | undefined;
  readonly DEVIATION_RULES: string | undefined;
  readonly TRIPWIRES: string | undefined;
  readonly SIGNAL_KEY: string | undefined;
  readonly SIGNAL_LOOPBACK: string | undefined;
  /** The targets of notifications, and their secrets. */
  readonly NOTIFY: string | undefined;
  readonly NOTIFY_SECRETS: string | undefined;
  readonly DRILL: string | undefined;
  /** The header in which the platform puts a request's source address. */
  readonly SOURCE_HEADER: string | undefined;
  readonly RATE_LIMITS: string | undefined;
  readonly MINT_CHECK_EVERY: string | undefined;
  readonly TOKEN_RATE: RateBinding | undefined;
  readonly QUESTION_RATE: RateBinding | undefined;
  readonly AGENT_RATE: RateBinding | undefined;
}

/** A log of records, by its name. */
export const transparencyLog = (env: IssuerEnv, log: LogName) => env.LOG.getByName(log);
/** The archive of a log: its part of the bucket, or an object of its own. */
export const archiveOf = (env: IssuerEnv, log: LogName): Archive =>
  env.ARCHIVE
    ? new BucketArchive(env.ARCHIVE, log)
    : new StoreArchive(() => env.TILE_STORE.getByName(log));

// One tenant, so one object of each kind. Each shard of the log has an object, and each tree of
// workflows.
export const auditLog = (env: IssuerEnv) => env.AUDIT_LOG.getByName('default');
export const revocationLog = (env: IssuerEnv, shard = 0) =>
  env.REVOCATION_LOG.getByName(shardName(shard));
export const feedArchive = (env: IssuerEnv, shard: number) =>
  env.FEED_ARCHIVE.getByName(shardName(shard));
export const replayStore = (env: IssuerEnv) => env.REPLAY_STORE.getByName('default');
export const breaker = (env: IssuerEnv) => env.BREAKER.getByName('default');
/** The object of a workflow tree. It is named after the root; a child is a row in it. */
export const workflowOf = (env: IssuerEnv, id: string) => env.WORKFLOW.getByName(rootOf(id));
/** The index of workflows that operators search and look at. */
export const activity = (env: IssuerEnv) => env.ACTIVITY.getByName('default');
export const approvals = (env: IssuerEnv) => env.APPROVALS.getByName('default');
export const versions = (env: IssuerEnv) => env.VERSIONS.getByName('default');
export const watchdog = (env: IssuerEnv) => env.WATCHDOG.getByName('default');
export const operators = (env: IssuerEnv) => env.OPERATORS.getByName('default');
/** What rules over history count for one agent, subject or owner. Its name says no one's name. */
export const tallyOf = (env: IssuerEnv, scope: HistoryScope, value: string) =>
  env.TALLY.getByName(toHex(sha256(utf8(canonicalJson([scope, value])))));
/** What earlier workflows of one agent for one subject read. The name is of another form. */
export const earlierOf = (env: IssuerEnv, agent: string, subject: string) =>
  env.TALLY.getByName(toHex(sha256(utf8(canonicalJson(['labels', agent, subject])))));
export const statusList = (env: IssuerEnv) => env.STATUS_LIST.getByName('default');
export const signalStreams = (env: IssuerEnv) => env.SIGNAL_STREAMS.getByName('default');

/** The keys of the people whose SHA-256 begins with this hex digit. */
export const subjectKeys = (env: IssuerEnv, digit: string) => env.SUBJECT_KEYS.getByName(digit);

// Before there were shards, the log had the name that the first shard keeps.
const shardName = (shard: number): string => (shard === 0 ? 'default' : `shard-${shard}`);

/** Returns the shard of an object of the log, by the object's name. */
export function shardOf(name: string | undefined): number {
  if (name === 'default') return 0;
  const shard = /^shard-([1-9]\d{0,4})$/.exec(name ?? '')?.[1];
  if (shard === undefined) throw new Error('an object of the log must be named after its shard');
  return Number(shard);
}
