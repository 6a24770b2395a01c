import { readClock, readSeconds } from '../../../src/clock.ts';
import { SNAPSHOT_SECONDS } from '../../../src/limits.ts';
import type { OwedRecords } from '../audit/owed-records.ts';
import type { ArchiveSync } from './archive-sync.ts';
import type { LogEntries, LogState } from './entries.ts';
import { isSnapshotDue, isSnapshotNear, type LogSnapshots } from './snapshots.ts';

const ARCHIVE_RETRY_MILLISECONDS = 2_000;

export interface MaintenanceParts {
  readonly shard: number;
  readonly entries: LogEntries;
  readonly snapshots: LogSnapshots;
  readonly archive: ArchiveSync;
  readonly owed: OwedRecords;
}

/** What a log does beside answering: its alarm, its snapshots, and its second copy. */
export class LogMaintenance {
  readonly #ctx: DurableObjectState;
  readonly #parts: MaintenanceParts;

  constructor(ctx: DurableObjectState, parts: MaintenanceParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  /** The alarm: what is owed first, also where the rest cannot go on. */
  async run(endDenials: (nowSeconds: number) => Promise<void>): Promise<void> {
    const delivered = this.#parts.owed.deliver();
    try {
      await this.compared();
      await endDenials(readSeconds());
      await this.#tend();
    } finally {
      await delivered;
      await this.wakeInTime();
    }
  }

  /**
   * Nothing is appended or vouched for before it is known that this log was not taken back. What
   * throws inside would break the object and cut its sockets: it is thrown to who asked alone.
   */
  async compared(): Promise<void> {
    if (this.#parts.archive.isCompared) return;
    const failed = await this.#ctx.blockConcurrencyWhile(() =>
      this.#compare().catch((error: unknown) => ({ error })),
    );
    if (failed) throw failed.error;
  }

  async isArchived(seq: number): Promise<boolean> {
    const { archive, shard } = this.#parts;
    const isThere = await archive.has(seq);
    if (!isThere) {
      console.error({ event: 'feed.archive.behind', shard, seq });
      await this.#ctx.storage.setAlarm(readClock() + ARCHIVE_RETRY_MILLISECONDS);
    }
    return isThere;
  }

  async wakeForSnapshot(): Promise<void> {
    const { entries, snapshots } = this.#parts;
    const isNear = isSnapshotNear(entries.state, snapshots.made[0]);
    await this.#wakeBy(readClock() + (isNear ? 0 : SNAPSHOT_SECONDS * 1000));
  }

  /** For a record that is owed, and for the end of a denial. */
  async wakeInTime(): Promise<void> {
    const { owed, entries } = this.#parts;
    const [due, end] = [owed.dueAt(), entries.denials.nextEnd()];
    if (due !== undefined) await this.#wakeBy(due);
    if (end !== undefined) await this.#wakeBy(Math.max(end * 1000, readClock() + 2_000));
  }

  async #wakeBy(wanted: number): Promise<void> {
    const set = await this.#ctx.storage.getAlarm();
    if (set === null || set > wanted) await this.#ctx.storage.setAlarm(wanted);
  }

  /** Makes a snapshot where one is due, forgets what is dead, and catches up with the archive. */
  async #tend(): Promise<void> {
    const { entries, snapshots } = this.#parts;
    const now = readSeconds();
    const { state } = entries;
    if (isSnapshotDue(state, snapshots.made[0], now)) snapshots.make(entries, now);
    this.#compact(now);
    const isArchived = await this.isArchived(state.seq);
    if (isArchived && this.#isIdle(entries.state)) return;
    const wait = isArchived ? SNAPSHOT_SECONDS * 1000 : ARCHIVE_RETRY_MILLISECONDS;
    await this.#ctx.storage.setAlarm(readClock() + wait);
  }

  /** Deltas are handed out from the older of the two snapshots on. */
  #compact(now: number): void {
    const { entries, snapshots } = this.#parts;
    const { epoch, deltaFrom } = entries.state;
    const [, older] = snapshots.made.filter((one) => one.epoch === epoch);
    entries.compact(older?.seq ?? deltaFrom, now);
  }

  async #compare(): Promise<void> {
    const { archive, entries, snapshots, shard } = this.#parts;
    if (archive.isCompared) return;
    const isTakenBack = await archive.compare(readSeconds());
    const { state } = entries;
    if (isTakenBack) {
      snapshots.make(entries, readSeconds());
      const { epoch, seq, live, previous } = state;
      console.error({ event: 'feed.epoch', shard, epoch, seq, live, previous });
    }
    // The alarm may be lost, and the archive was told of no new epoch yet.
    if (!this.#isIdle(state) || isTakenBack) await this.wakeForSnapshot();
    await this.wakeInTime();
  }

  /** Nothing is left for an alarm to do. */
  #isIdle({ live, seq }: LogState): boolean {
    const { snapshots, owed } = this.#parts;
    const isWhole = live === 0 && (snapshots.made[0]?.seq ?? 0) === seq;
    return isWhole && owed.dueAt() === undefined;
  }
}
