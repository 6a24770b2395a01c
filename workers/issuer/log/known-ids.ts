/** Ids of records that are no rows any more. Owed records are repeated within minutes. */
const RECENT_IDS_MAX = 50_000;

/**
 * The newest ids of a log with their indexes, so that a record that arrives twice is written once.
 * In memory, filled from the rows of pending records and from a table of those that went.
 */
export class KnownIds {
  readonly #sql: SqlStorage;
  readonly #indexes = new Map<string, number>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    for (const { first, ids } of sql.exec('SELECT first, ids FROM recent ORDER BY first')) {
      this.note(Number(first), String(ids).split('\n'));
    }
  }

  /** Returns the index of the record with this id, if it is known. */
  indexOf(id: string): number | undefined {
    return this.#indexes.get(id);
  }

  /** Notes the ids of consecutive records. */
  note(first: number, ids: readonly string[]): void {
    for (const [place, id] of ids.entries()) this.#indexes.set(id, first + place);
  }

  /** Forgets ids of records that were not written in the end. */
  withdraw(from: number): void {
    for (const [id, index] of this.#indexes) if (index >= from) this.#indexes.delete(id);
  }

  /** Returns the newest ids, the oldest first. */
  newest(count: number): readonly string[] {
    return [...this.#indexes.keys()].slice(-count);
  }

  /**
   * Takes over ids of the log before, with indexes below 0. Call it in a transaction, before any
   * record of this log.
   */
  takeOver(ids: readonly string[]): void {
    this.note(-ids.length, ids);
    this.keep(-ids.length, ids);
  }

  /** Keeps the ids of records whose rows go. Call it in their transaction. */
  keep(first: number, ids: readonly string[]): void {
    if (ids.length > 0) {
      this.#sql.exec(
        'INSERT OR REPLACE INTO recent (first, ids) VALUES (?, ?)',
        ...[first, ids.join('\n')],
      );
    }
    const oldest = first + ids.length - RECENT_IDS_MAX;
    if (oldest <= 0) return;
    const [kept] = this.#sql
      .exec('SELECT MAX(first) AS first FROM recent WHERE first <= ?', oldest)
      .toArray();
    if (typeof kept?.first === 'number') {
      this.#sql.exec('DELETE FROM recent WHERE first < ?', kept.first);
    }
    for (const [id, index] of this.#indexes) {
      if (index >= oldest) break;
      this.#indexes.delete(id);
    }
  }
}
