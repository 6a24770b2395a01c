import type { AuditRecord, GapRecord } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';

/** How long announced records may take: one batch and its retries. */
export const RECORDS_SILENT_MILLISECONDS = 30_000;

/**
 * Finds verifiers' records that never arrived. Each verifier numbers its records, so a skipped
 * number is noticed with the next record. A verifier that has ended sends no next record: only the
 * number that it announced before shows that something is missing. Call every method in a
 * transaction.
 */
export class RecordGaps {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Notes the arrival of a record. `isNew` is false if its number, or a later one, has arrived
   * before. `gap` has the numbers that this record skipped, if there are any.
   */
  arrived(
    record: AuditRecord,
    now: UnixMilliseconds,
  ): { readonly isNew: boolean; readonly gap?: GapRecord } {
    if (!('verifier' in record) || record.event === 'gap') return { isNew: true };
    const { verifier, n } = record;
    // A log must write any record, so it may meet one with another form.
    if (typeof verifier !== 'string' || !Number.isSafeInteger(n)) return { isNew: true };
    const after = this.#highest(verifier);
    if (n <= after) return { isNew: false }; // It is late, and its gap was recorded.
    this.#raise(verifier, n);
    return n > after + 1 ? { isNew: true, gap: gapOf(verifier, after, n, now) } : { isNew: true };
  }

  /** Notes that `verifier` has numbered `n` records. Stores nothing if all of them have arrived. */
  announce(verifier: string, n: number, now: UnixMilliseconds): void {
    const highest = this.#highest(verifier);
    if (n <= highest) return;
    const due = now + RECORDS_SILENT_MILLISECONDS;
    const [waiting] = this.#sql
      .exec('SELECT n FROM awaited WHERE verifier = ?', verifier)
      .toArray();
    // A pending announcement keeps its deadline: otherwise an active verifier would postpone it.
    const isPending = waiting !== undefined && Number(waiting.n) > highest;
    this.#sql.exec(
      isPending
        ? 'UPDATE awaited SET latest = MAX(latest, ?2) WHERE verifier = ?1'
        : `INSERT INTO awaited (verifier, n, latest, due) VALUES (?1, ?2, ?2, ?3)
           ON CONFLICT DO UPDATE SET n = ?2, latest = ?2, due = ?3`,
      ...(isPending ? [verifier, n] : [verifier, n, due]),
    );
  }

  /** Returns the gaps of overdue announcements. A record that arrives afterwards counts as late. */
  takeOverdue(now: UnixMilliseconds): readonly GapRecord[] {
    return this.#sql
      .exec('SELECT * FROM awaited WHERE due <= ? ORDER BY due', now)
      .toArray()
      .flatMap(({ verifier, n, latest }) =>
        this.#settle(String(verifier), Number(n), Number(latest), now),
      );
  }

  /** Returns how many verifiers whose names begin with `prefix` have announced missing records. */
  awaitedOf(prefix: string): number {
    const { rows } = this.#sql
      // A range of the primary key: every name of a credential sorts between its colon and `;`.
      .exec(
        'SELECT COUNT(*) AS rows FROM awaited WHERE verifier >= ? AND verifier < ?',
        ...[prefix, `${prefix.slice(0, -1)};`],
      )
      .one();
    return Number(rows);
  }

  /** Returns when `takeOverdue` has something to return. */
  dueAt(): UnixMilliseconds | undefined {
    const { due } = this.#sql.exec('SELECT MIN(due) AS due FROM awaited').one();
    return due === null ? undefined : Number(due);
  }

  #settle(
    verifier: string,
    n: number,
    latest: number,
    now: UnixMilliseconds,
  ): readonly GapRecord[] {
    const after = this.#highest(verifier);
    const isMissing = n > after;
    if (isMissing) this.#raise(verifier, n);
    this.#sql.exec('DELETE FROM awaited WHERE verifier = ?', verifier);
    this.announce(verifier, latest, now);
    return isMissing ? [gapOf(verifier, after, n + 1, now)] : [];
  }

  #highest(verifier: string): number {
    const [known] = this.#sql.exec('SELECT n FROM numbered WHERE verifier = ?', verifier).toArray();
    return Number(known?.n ?? 0);
  }

  #raise(verifier: string, n: number): void {
    this.#sql.exec(
      `INSERT INTO numbered (verifier, n) VALUES (?1, ?2)
       ON CONFLICT DO UPDATE SET n = MAX(n, ?2)`,
      ...[verifier, n],
    );
  }
}

/** Returns the record of numbers between two that arrived. */
export const gapOf = (
  verifier: string,
  after: number,
  before: number,
  at: UnixMilliseconds,
): GapRecord => ({ event: 'gap', id: `gap.${verifier}.${before}`, at, verifier, after, before });
