import {
  readClock,
  readSeconds,
  toMilliseconds,
  type UnixMilliseconds,
  type UnixSeconds,
} from '../../../src/clock.ts';
import { SNAPSHOT_SECONDS } from '../../../src/limits.ts';
import type { OwedRecords } from '../audit/owed-records.ts';
import type { ArchiveSync } from './archive-sync.ts';
import type { LogEntries, LogState } from './entries.ts';
import { isSnapshotDue, isSnapshotNear, type LogSnapshots } from './snapshots.ts';
import type { TreeRounds } from './tree/rounds.ts';

const ARCHIVE_RETRY_MILLISECONDS = 2_000;
/** An ended denial is lifted no more often than this, so that a failing alarm does not spin. */
const DENIAL_END_MILLISECONDS_MIN = 2_000;

export interface MaintenanceParts {
  readonly shard: number;
  readonly entries: LogEntries;
  readonly snapshots: LogSnapshots;
  readonly archive: ArchiveSync;
  readonly owed: OwedRecords;
  readonly rounds: TreeRounds;
}

/** What a log does in the background: its alarm, its snapshots and its archive. */
export class LogMaintenance {
  readonly #ctx: DurableObjectState;
  readonly #parts: MaintenanceParts;

  constructor(ctx: DurableObjectState, parts: MaintenanceParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  /** Runs the alarm. Owed audit records are delivered even if everything else fails. */
  async run(endDenials: (now: UnixSeconds) => Promise<void>): Promise<void> {
    const delivered = this.#parts.owed.deliver();
    try {
      await this.compareOnce();
      await endDenials(readSeconds());
      await this.#maintain();
    } finally {
      await delivered;
      await this.scheduleDue();
    }
  }

  /**
   * Compares the log with its archive, once in the life of this object. Nothing is appended or
   * signed before it is known that the log was not restored. An error inside
   * `blockConcurrencyWhile` would break the object and cut its sockets, so it is passed out and
   * thrown only to this caller.
   */
  async compareOnce(): Promise<void> {
    if (this.#parts.archive.isCompared) return;
    const failed = await this.#ctx.blockConcurrencyWhile(() =>
      this.#compare().catch((error: unknown) => ({ error })),
    );
    if (failed) throw failed.error;
  }

  /** Returns whether the archive has everything up to `seq`. If not, the alarm tries again. */
  async isArchived(seq: number): Promise<boolean> {
    const { archive, shard } = this.#parts;
    const isArchived = await archive.has(seq);
    if (!isArchived) {
      console.error({ event: 'feed.archive.behind', shard, seq });
      await this.#ctx.storage.setAlarm(readClock() + ARCHIVE_RETRY_MILLISECONDS);
    }
    return isArchived;
  }

  async scheduleSnapshot(): Promise<void> {
    const { entries, snapshots } = this.#parts;
    const isNear = isSnapshotNear(entries.state, snapshots.made[0]);
    await this.#scheduleBy(readClock() + (isNear ? 0 : SNAPSHOT_SECONDS * 1000));
  }

  /** Schedules the alarm for owed audit records and for the next end of a denial. */
  async scheduleDue(): Promise<void> {
    const { owed, entries } = this.#parts;
    const [due, end] = [owed.dueAt(), entries.denials.nextEnd()];
    if (due !== undefined) await this.#scheduleBy(due);
    if (end !== undefined) {
      const earliest = readClock() + DENIAL_END_MILLISECONDS_MIN;
      await this.#scheduleBy(Math.max(toMilliseconds(end), earliest));
    }
  }

  async #scheduleBy(time: UnixMilliseconds): Promise<void> {
    const scheduled = await this.#ctx.storage.getAlarm();
    if (scheduled === null || scheduled > time) await this.#ctx.storage.setAlarm(time);
  }

  /** Makes a snapshot if one is due, purges dead entries, and copies new ones to the archive. */
  async #maintain(): Promise<void> {
    const { entries, snapshots } = this.#parts;
    const now = readSeconds();
    const { state } = entries;
    const isDue = isSnapshotDue(state, snapshots.made[0], now, entries.stoppedAt);
    if (isDue) snapshots.make(entries, now);
    this.#compact(now);
    const isArchived = await this.isArchived(state.seq);
    if (isArchived && this.#isIdle(entries.state)) return;
    const wait = isArchived ? SNAPSHOT_SECONDS * 1000 : ARCHIVE_RETRY_MILLISECONDS;
    await this.#ctx.storage.setAlarm(readClock() + wait);
  }

  /** Keeps the deltas from the older of the two snapshots on. */
  #compact(now: UnixSeconds): void {
    const { entries, snapshots } = this.#parts;
    const { epoch, deltaFrom } = entries.state;
    const [, older] = snapshots.made.filter((one) => one.epoch === epoch);
    entries.compact(older?.seq ?? deltaFrom, now);
  }

  async #compare(): Promise<void> {
    const { archive, entries, snapshots, shard, rounds } = this.#parts;
    if (archive.isCompared) return;
    await rounds.compare();
    const wasRestored = await archive.compare(readSeconds());
    const { state } = entries;
    if (wasRestored) {
      snapshots.make(entries, readSeconds());
      const { epoch, seq, live, previous } = state;
      console.error({ event: 'feed.epoch', shard, epoch, seq, live, previous });
    }
    // A restore may have lost the alarm, and the archive does not know the new epoch yet.
    if (!this.#isIdle(state) || wasRestored) await this.scheduleSnapshot();
    await this.scheduleDue();
  }

  /** Whether the alarm has nothing to do. */
  #isIdle({ live }: LogState): boolean {
    const { snapshots, owed, entries } = this.#parts;
    const isCovered = live === 0 && (snapshots.made[0]?.seq ?? 0) >= entries.stoppedAt;
    return isCovered && owed.dueAt() === undefined;
  }
}
