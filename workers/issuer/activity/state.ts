import type { LogName } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { AsOf } from './binding.ts';
import { COUNTS, type Counts } from './columns.ts';
import { indexStateTable, logPositionTable } from './tables.ts';

const NONE: Counts = { running: 0, stopped: 0, waiting: 0, denied: 0 };

/** How far the index is. It is in memory too, and written at the end of each change. */
export class IndexState {
  readonly #sql: SqlStorage;
  #epoch = 1;
  #seq = 0;
  #readTo: UnixMilliseconds = 0;
  counts: Counts = NONE;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.load();
  }

  /** Reads what is stored: a transaction that failed has left memory ahead of it. */
  load(): void {
    const [stored] = this.#sql.exec('SELECT * FROM index_state').toArray();
    if (!stored) {
      this.#seq = 0;
      this.counts = NONE;
      return;
    }
    const { epoch, seq, read_to, counts } = indexStateTable.read(stored);
    this.#epoch = epoch;
    this.#seq = seq;
    this.#readTo = Math.max(this.#readTo, read_to);
    this.counts = counts;
  }

  get seq(): number {
    return this.#seq;
  }

  get asOf(): AsOf {
    return { epoch: this.#epoch, seq: this.#seq, at: this.#readTo };
  }

  /** Every older record is applied. Reading without a change is not worth a row. */
  set readTo(at: UnixMilliseconds) {
    this.#readTo = Math.max(this.#readTo, at);
  }

  /** Runs a change in the caller's transaction: what it writes has the next number. */
  change(write: () => void): void {
    this.#seq += 1;
    write();
    this.#save();
  }

  /** Begins again with an empty index, in the caller's transaction. */
  reset(): void {
    this.#epoch += 1;
    this.#seq = 0;
    this.#readTo = 0;
    this.counts = NONE;
    this.#save();
  }

  /** Returns the first record of a log that is not applied. Returns undefined if none ever was. */
  next(log: LogName): number | undefined {
    const [row] = this.#sql.exec('SELECT * FROM log_position WHERE log = ?', log).toArray();
    return row && logPositionTable.read(row).next;
  }

  /** Notes that the records below `next` are applied. A position never goes back. */
  setNext(log: LogName, next: number): void {
    const known = this.next(log);
    if (known !== undefined && known >= next) return;
    this.#sql.exec('INSERT OR REPLACE INTO log_position (log, next) VALUES (?, ?)', log, next);
  }

  #save(): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO index_state (one, epoch, seq, read_to, counts)
       VALUES (1, ?, ?, ?, ?)`,
      ...[this.#epoch, this.#seq, this.#readTo, COUNTS.write(this.counts)],
    );
  }
}
