import type { AuditRecord } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { Batch } from './binding.ts';
import { joinRecords, RECORDS } from './columns.ts';
import { pendingTable } from './schema.ts';
import { evenTable, oddTable } from './tables.ts';

/** A row of SQLite has at most 2 MB, and characters may take three bytes. */
const ROW_CHARACTERS_MAX = 500_000;

/**
 * The records of a log that are not in the archive: a row for each group of appends. Deleting rows
 * is billed like writing them, and dropping a table is not: so two tables take turns.
 */
export class PendingRecords {
  readonly #sql: SqlStorage;
  /** The table that takes new records. */
  #open: string;
  /** The index of the next record. */
  #size: number;
  #bytes = 0;
  #since: UnixMilliseconds | undefined;

  /** `committed` is how many records the archive has: rows may still have some of these. */
  constructor(sql: SqlStorage, committed: number) {
    this.#sql = sql;
    const ends = [evenTable, oddTable].map(({ name }) => {
      const [last] = sql.exec(`SELECT first, n FROM ${name} ORDER BY first DESC LIMIT 1`).toArray();
      return { name, end: last ? Number(last.first) + Number(last.n) : 0 };
    });
    const [even, odd] = ends as [{ name: string; end: number }, { name: string; end: number }];
    this.#open = odd.end > even.end ? odd.name : even.name;
    this.#size = Math.max(committed, even.end, odd.end);
    this.#measure();
  }

  get size(): number {
    return this.#size;
  }

  /** The length of all rows, in characters. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the oldest row was written; undefined if there is none. */
  get since(): UnixMilliseconds | undefined {
    return this.#since;
  }

  /** Appends records and returns the index of the first. Call it in a transaction. */
  append(records: readonly AuditRecord[], now: UnixMilliseconds): number {
    const first = this.#size;
    let row: string[] = [];
    let characters = 0;
    for (const record of records) {
      const text = JSON.stringify(record);
      if (row.length > 0 && characters + text.length > ROW_CHARACTERS_MAX) {
        this.#insert(row, now);
        row = [];
        characters = 0;
      }
      row.push(text);
      characters += text.length;
    }
    if (row.length > 0) this.#insert(row, now);
    return first;
  }

  /** Puts back what a transaction that failed has counted. */
  restore(size: number, bytes: number): void {
    this.#size = size;
    this.#bytes = bytes;
  }

  /** Returns the batches with records from `from` on, in order, until `limit` records are there. */
  read(from: number, limit: number): readonly Batch[] {
    const batches: Batch[] = [];
    let count = 0;
    // Each is read alone: a cursor that is left before its end keeps the tables from being dropped.
    const places = this.#sql
      .exec(`SELECT first FROM (${EITHER}) WHERE first + n > ? ORDER BY first`, from)
      .toArray();
    for (const { first: place } of places) {
      if (count >= limit) break;
      const first = Number(place);
      const row = this.#sql.exec(`SELECT records FROM (${EITHER}) WHERE first = ?`, first).one();
      const skipped = Math.max(0, from - first);
      const records = RECORDS.read(row.records).slice(skipped, skipped + limit - count);
      batches.push({ first: first + skipped, records });
      count += records.length;
    }
    return batches;
  }

  /** Returns all batches, one by one: there may be many. */
  *all(): Iterable<Batch> {
    const rows = this.#sql.exec(`SELECT first, records FROM (${EITHER}) ORDER BY first`);
    for (const row of rows) yield { first: Number(row.first), records: RECORDS.read(row.records) };
  }

  /** Lets the other table take new records, if it is empty. */
  turn(): void {
    const other = this.#open === evenTable.name ? oddTable.name : evenTable.name;
    if (this.#isEmpty(other)) this.#open = other;
  }

  /** Forgets the rows whose records are all in the archive. Call it in a transaction. */
  forget(committed: number): void {
    for (const { name } of [evenTable, oddTable]) {
      const [last] = this.#sql
        .exec(`SELECT first, n FROM ${name} ORDER BY first DESC LIMIT 1`)
        .toArray();
      if (!last || Number(last.first) + Number(last.n) > committed) continue;
      this.#empty(name);
    }
    this.#measure();
  }

  /** Drops all rows; the next record has the index `size`. Call it in a transaction. */
  restart(size: number): void {
    for (const { name } of [evenTable, oddTable]) this.#empty(name);
    this.#size = size;
    this.#measure();
  }

  #empty(table: string): void {
    this.#sql.exec(`DROP TABLE ${table}`);
    this.#sql.exec(pendingTable(table));
  }

  #measure(): void {
    const { bytes, at } = this.#sql
      .exec(`SELECT SUM(LENGTH(records)) AS bytes, MIN(at) AS at FROM (${EITHER})`)
      .one();
    this.#bytes = Number(bytes ?? 0);
    this.#since = at === null ? undefined : Number(at);
  }

  #insert(records: readonly string[], now: UnixMilliseconds): void {
    const text = joinRecords(records);
    this.#sql.exec(
      `INSERT INTO ${this.#open} (first, n, at, records) VALUES (?, ?, ?, ?)`,
      ...[this.#size, records.length, now, text],
    );
    this.#size += records.length;
    this.#bytes += text.length;
    this.#since ??= now;
  }

  #isEmpty(table: string): boolean {
    return this.#sql.exec(`SELECT 1 FROM ${table} LIMIT 1`).toArray().length === 0;
  }
}

const EITHER = `SELECT * FROM ${evenTable.name} UNION ALL SELECT * FROM ${oddTable.name}`;
