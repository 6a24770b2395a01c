import type { UnixMilliseconds } from '../../../src/clock.ts';

/** An owed record as it is stored. */
export interface OwedRow {
  readonly id: string;
  /** As JSON. */
  readonly record: string;
  /** How often it could not be written. */
  readonly tries: number;
  /** It is not tried again before. */
  readonly due: UnixMilliseconds;
}

/** Where an object keeps its owed records, in order. */
export interface OwedStore {
  add(row: OwedRow): void;
  has(id: string): boolean;
  /** Returns the earliest `due`; undefined if nothing is owed. */
  nextDue(): UnixMilliseconds | undefined;
  due(now: UnixMilliseconds, limit: number): readonly OwedRow[];
  remove(ids: readonly string[]): void;
  postpone(id: string, tries: number, due: UnixMilliseconds): void;
}

/** The table `owed`. */
export class OwedTable implements OwedStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add({ id, record, tries, due }: OwedRow): void {
    this.#sql.exec(
      'INSERT INTO owed (id, record, tries, due) VALUES (?, ?, ?, ?)',
      ...[id, record, tries, due],
    );
  }

  has(id: string): boolean {
    return this.#sql.exec('SELECT 1 FROM owed WHERE id = ?', id).toArray().length > 0;
  }

  nextDue(): UnixMilliseconds | undefined {
    const { due } = this.#sql.exec('SELECT MIN(due) AS due FROM owed').one();
    return due === null ? undefined : Number(due);
  }

  due(now: UnixMilliseconds, limit: number): readonly OwedRow[] {
    return this.#sql
      .exec('SELECT * FROM owed WHERE due <= ? ORDER BY n LIMIT ?', now, limit)
      .toArray()
      .map(owedRowOf);
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) this.#sql.exec('DELETE FROM owed WHERE id = ?', id);
  }

  postpone(id: string, tries: number, due: UnixMilliseconds): void {
    this.#sql.exec('UPDATE owed SET tries = ?, due = ? WHERE id = ?', tries, due, id);
  }
}

export const owedRowOf = ({
  id,
  record,
  tries,
  due,
}: Readonly<Record<string, SqlStorageValue>>): OwedRow => ({
  id: String(id),
  record: String(record),
  tries: Number(tries),
  due: Number(due),
});
