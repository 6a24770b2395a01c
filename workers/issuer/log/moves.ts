import { type AuditRecord, type LogName, logKindOf } from '../../../src/audit/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { report } from '../../../src/report.ts';
import { TILE_HASHES } from '../../../src/tlog/index.ts';
import { CONTROL_BYTES_MAX } from '../audit/capacity.ts';
import { type IssuerEnv, transparencyLog } from '../platform/env.ts';
import type { HandedOver, Moved } from './binding.ts';
import { type Continuation, endOf, previousControlLog } from './continuation.ts';
import type { DailyRetention } from './daily-retention.ts';
import type { GroupCommit } from './group-commit.ts';
import type { RecordIntake } from './intake.ts';
import type { KnownIds } from './known-ids.ts';
import { closeFormer } from './opening.ts';
import { generationOf } from './origin.ts';
import type { PendingRecords } from './pending.ts';
import type { Rounds } from './rounds.ts';
import type { Months } from './seal/paths.ts';
import type { SealRows } from './seal-rows.ts';

/** Ids that the next log takes over. Owed records are repeated within minutes. */
const HANDED_IDS_MAX = 10_000;
const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

interface MoveParts {
  readonly env: () => IssuerEnv;
  readonly log: LogName;
  readonly continuation: Continuation;
  readonly pending: PendingRecords;
  readonly ids: KnownIds;
  readonly intake: RecordIntake;
  readonly commits: GroupCommit;
  readonly rows: SealRows;
  readonly rounds: () => Rounds;
  /** The size of the database. */
  readonly bytes: () => number;
  readonly append: (records: readonly AuditRecord[]) => number;
  readonly schedule: () => void;
}

/** How a log begins after another, and how a control log that fills ends. */
export class Moves {
  readonly #parts: MoveParts;
  #moved: LogName | undefined;

  constructor(parts: MoveParts) {
    this.#parts = parts;
    this.refresh();
  }

  /** The log that continues this one, once that is durable. */
  get moved(): LogName | undefined {
    return this.#moved;
  }

  /** A log that was restored may have learned of its end from its archive. */
  refresh(): void {
    this.#moved = this.#next;
  }

  /** Called before records are appended. Returns where they go instead, if not here. */
  async ready(): Promise<Moved | undefined> {
    const rounds = this.#parts.rounds();
    if (!rounds.isCompared) {
      await rounds.compare();
      this.refresh();
    }
    if (this.#moved !== undefined) return { moved: this.#moved };
    await this.#beginGeneration();
    return this.#parts.pending.size === 0 ? await this.#open() : undefined;
  }

  /**
   * Under a new origin, the first record commits to what the log had under the one before. Readers
   * of that learn from it where the log continues, and since when.
   */
  async #beginGeneration(): Promise<void> {
    const { env, log, commits, pending, rows, append } = this.#parts;
    const generation = generationOf(env());
    if (generation === undefined || rows.state().generation === generation) return;
    await commits.run(() => {
      rows.writeGeneration(generation);
      if (pending.size === 0) return;
      const after = endOf(log, rows.state());
      append([
        { event: 'log_opened', id: `opened.${log}.${generation}`, at: readClock(), log, after },
      ]);
    });
    rows.noteGeneration(generation);
  }

  /** Writes in a transaction, unless the log is closed, or full: then this closes it. */
  async commit(write: () => number): Promise<number | Moved> {
    const done = await this.#parts.commits.run(() => {
      const next = this.#isFull ? this.#close() : this.#next;
      return next === undefined ? write() : { moved: next };
    });
    if (typeof done !== 'number') this.#moved = done.moved;
    return done;
  }

  /** When a closed log applies its retention, and forgets workflows whose objects were lost. */
  dueAt(): UnixMilliseconds {
    return readClock() + DAY_MILLISECONDS;
  }

  handOver(): HandedOver | undefined {
    const record = this.#moved && this.#parts.continuation.last();
    return record && { record, ids: this.#parts.ids.newest(HANDED_IDS_MAX) };
  }

  /** Applies the rule of retention, if it was not applied today. */
  async retain(retention: DailyRetention): Promise<void> {
    await retention.run(this.#months(), readClock(), this.#moved !== undefined);
  }

  /** No month follows the last one of a log without new records, so today's stands for it. */
  #months(): Months {
    const { months, floor } = this.#parts.rows.state();
    const month = new Date(readClock()).toISOString().slice(0, 'yyyy-mm'.length);
    const isOver = (months.at(-1)?.[0] ?? month) < month;
    return isOver ? [...months, [month, floor / TILE_HASHES]] : months;
  }

  /**
   * Writes the first record, if this log continues another. A repetition writes it once. A log
   * whose predecessor is open sends its caller back to that.
   */
  async #open(): Promise<Moved | undefined> {
    const { env, log, commits, pending, append } = this.#parts;
    const before = previousControlLog(log);
    if (before === undefined) {
      const opening = await closeFormer(env(), log);
      if (opening && pending.size === 0) await commits.run(() => append([opening]));
      return undefined;
    }
    const handed = (await transparencyLog(env(), before).handOver()) as HandedOver | undefined;
    if (!handed) return { moved: before };
    const { record, ids } = handed;
    await commits.run(() => {
      if (pending.size > 0) return;
      append([record]);
      this.#parts.ids.takeOver(ids.filter((id) => id !== record.id));
    });
    return undefined;
  }

  /** What the rows say, which may not be durable yet. */
  get #next(): LogName | undefined {
    return this.#parts.continuation.last()?.log as LogName | undefined;
  }

  get #isFull(): boolean {
    return logKindOf(this.#parts.log) === 'control' && this.#parts.bytes() >= CONTROL_BYTES_MAX;
  }

  /** Appends the last record of this log, and returns the log that continues it. */
  #close(): LogName {
    const { bytes, continuation, intake, log, rows, schedule } = this.#parts;
    const known = continuation.last();
    if (known) return known.log as LogName;
    const record = continuation.close(rows.state(), readClock());
    intake.close(record, readClock());
    schedule();
    report('audit.full', { code: 'continued', log, next: record.log, bytes: bytes() });
    return record.log as LogName;
  }
}
