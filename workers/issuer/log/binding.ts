import type {
  AuditRecord,
  LogName,
  LogOpenedRecord,
  MintRecord,
} from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { Result } from '../../../src/result.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';
import type { WorkflowStart } from '../workflow/binding.ts';
import type {
  LivingFilter,
  LivingPage,
  LivingParty,
  LivingScope,
  LivingStart,
} from './living-binding.ts';

export type * from './living-binding.ts';

/** Where a record is: one number is never enough, because each log counts by itself. */
export interface LogAddress {
  readonly log: LogName;
  readonly index: number;
}

/** A record of a log, as it was before any member was replaced by a commitment. */
export interface LoggedRecord extends LogAddress {
  readonly record: AuditRecord;
  /** The hash of its leaf, lower-case hex; absent until its entry is fixed. */
  readonly leaf?: string;
  /** Members whose content was erased. */
  readonly erased?: readonly string[];
}

/** Where records were appended, and how full the log is after that: from 0 to 1. */
export interface Appended extends LogAddress {
  readonly fill: number;
}

/** The log takes no records any more: the log that continues it does. */
export interface Moved {
  readonly moved: LogName;
}

/** What the next control log takes over from one that was closed. */
export interface HandedOver {
  /** The last record of the one, and the first of the other. */
  readonly record: LogOpenedRecord;
  /** The newest ids: a record whose answer was lost is sent again, to the next log. */
  readonly ids: readonly string[];
}

/** Numbers of a verifier that arrived, in order. */
export interface ArrivedNumbers {
  readonly verifier: string;
  readonly numbers: readonly number[];
}

/** Consecutive records, and the index of the first. */
export interface Batch {
  readonly first: number;
  readonly records: readonly AuditRecord[];
}

/** The holder of a verifier's credential, and how many of its records a minute the log takes. */
export interface RecordSource {
  readonly name: string;
  readonly perMinute: number;
}

/** Why the log takes no records of a source now. */
export type NotAppended =
  | { readonly code: 'rate_limited'; readonly retryAfterSeconds: number }
  | { readonly code: 'log_full' };

/** A tree for which the log has signed. */
export interface SignedTree {
  readonly size: number;
  /** Lower-case hex. */
  readonly root: string;
  readonly at: UnixMilliseconds;
}

export interface LogState {
  readonly log: LogName;
  readonly origin: string;
  /** How many records it has, fixed or not. */
  readonly size: number;
  /** How many of them are entries in the archive. The others are rows. */
  readonly committed: number;
  /** Entries below are in full bundles, the others in the tail. A multiple of 256. */
  readonly floor: number;
  /** The newest signed checkpoint; absent before the first, and where no key is set. */
  readonly checkpoint?: SignedTree;
  /** Each month with the number of its first bundle, in order. */
  readonly months: readonly (readonly [month: string, firstBundle: number])[];
  readonly pendingBytes: number;
  /** When the oldest record that is not in the archive was appended. */
  readonly pendingSince?: UnixMilliseconds;
  /** How full it is, from 0 to 1. */
  readonly fill: number;
  /** Why it signs no more: its history and the archive's differ. */
  readonly stopped?: string;
  /** The next log, once this one is closed. */
  readonly moved?: LogName;
  readonly witnesses: readonly WitnessState[];
  readonly schema: SchemaVersion;
}

export interface WitnessState {
  readonly name: string;
  /** The newest size that it has cosigned. */
  readonly size: number;
  readonly at?: UnixMilliseconds;
  /** Why its last answer could not be used. */
  readonly fault?: string;
}

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface LogBinding extends Rpc.DurableObjectBranded {
  append(
    records: readonly AuditRecord[],
    arrived?: readonly ArrivedNumbers[],
  ): Promise<Appended | Moved>;
  appendFrom(
    source: RecordSource,
    records: readonly AuditRecord[],
    arrived?: readonly ArrivedNumbers[],
  ): Promise<Result<Appended, NotAppended>>;
  expect(verifier: string, n: number): Promise<void>;
  pending(from: number, limit: number): readonly LoggedRecord[];
  /** Returns the index of the bundles that the archive has no index of yet, as bytes. */
  unsealedIndex(): Uint8Array<ArrayBuffer>;
  state(): LogState;
  round(): Promise<LogState>;
  /** Returns the log that continues this one; undefined while this one takes records. */
  movedTo(): LogName | undefined;
  handOver(): HandedOver | undefined;
  begin(record: MintRecord, living: LivingStart): Promise<LogAddress | Moved>;
  adopt(root: string): WorkflowStart | undefined;
  living(filter: LivingFilter): LivingPage;
  countLiving(scope: LivingScope): number;
  livingTotals(party: LivingParty): readonly (readonly [name: string, n: number])[];
  noteLiving(records: readonly AuditRecord[]): boolean;
}
