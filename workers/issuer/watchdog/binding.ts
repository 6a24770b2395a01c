import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { Notice, NoticeType, TargetKind } from '../../../src/notices/index.ts';
import type { SchemaVersion } from '../platform/sqlite.ts';

/**
 * The result of one run in one shard. `in_time`: every verifier that was heard of has the stop, or
 * has not reported since. `late`: one reported after the bound without it, or got it after the
 * bound. `unproven`: none reported it. `failed`: the feed did not take the stop.
 */
export type DrillVerdict = 'in_time' | 'late' | 'unproven' | 'failed';

/** One run of the scheduled drill in one shard. Times are milliseconds since the stop's order. */
export interface DrillRun {
  readonly at: UnixMilliseconds;
  readonly shard: number;
  readonly verdict: DrillVerdict;
  /** The entry of the feed that stopped the canary; absent if there is none. */
  readonly epoch?: number;
  readonly seq?: number;
  /** When the feed had the stop. */
  readonly inFeedMilliseconds?: number;
  /** When the last of the verifiers that confirmed had done so; absent if none had. */
  readonly milliseconds?: number;
  readonly confirmed: number;
  /** Verifiers that got the stop after the bound, or reported after it without the stop. */
  readonly late: readonly string[];
  /** Verifiers that were seen within five minutes and have not reported since the stop. */
  readonly silent: readonly string[];
}

/** The scheduled drill, for people. */
export interface DrillStatus {
  /** Absent if no drill is scheduled. */
  readonly everySeconds?: number;
  readonly boundMilliseconds: number;
  /** The newest first. */
  readonly runs: readonly DrillRun[];
}

/** A target of notices, without its secret. */
export interface TargetState {
  readonly name: string;
  readonly kind: TargetKind;
  readonly events: readonly NoticeType[];
  readonly queued: number;
  /** Lost: the queue was full, they were too old, or the receiver refused them. */
  readonly dropped: number;
  /** Failed deliveries in a row. */
  readonly failures: number;
  /** The code of the last delivery, if it failed. */
  readonly fault?: string;
  readonly deliveredAt?: UnixMilliseconds;
}

/** The methods that other parts of the issuer call. The class documents each of them. */
export interface WatchdogBinding extends Rpc.DurableObjectBranded {
  start(): Promise<void>;
  tell(notice: Notice): Promise<void>;
  sendTest(target: string): Promise<boolean>;
  targets(): readonly TargetState[];
  drill(runsMax: number): DrillStatus;
  schemaVersion(): SchemaVersion;
}
