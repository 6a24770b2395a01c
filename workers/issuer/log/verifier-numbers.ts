import type { AuditRecord, GapRecord } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import { gapOf } from '../audit/record-gaps.ts';
import type { ArrivedNumbers } from './binding.ts';
import { MARKS } from './columns.ts';

/** How long announced records may take: one batch and its retries. */
const RECORDS_SILENT_MILLISECONDS = 30_000;
/** Processes whose numbers a log remembers: those that were heard of last, about 400 KB. */
const VERIFIERS_KNOWN_MAX = 10_000;

/** Processes of one credential whose records are late at the same time. */
export const AWAITED_PER_CREDENTIAL_MAX = 1_000;

/**
 * Finds verifiers' records that never arrived in this log. Each verifier numbers its records for
 * the log, so a skipped number is noticed with the next record. A verifier that has ended sends no
 * next record: only the number that it announced before shows that something is missing.
 *
 * The highest numbers are in memory. They follow from the rows of pending records, and `keep`
 * stores them before these rows go: a batch of records costs no row of its own here.
 */
export class VerifierNumbers {
  readonly #sql: SqlStorage;
  /** Ordered by when they were heard of, longest ago first. */
  readonly #highest = new Map<string, number>();
  /** What the writes of the current transaction have replaced. */
  #replaced: [verifier: string, n: number | undefined][] = [];
  /** A number of the current transaction follows from no row. */
  #isUnwritten = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const [row] = sql.exec('SELECT marks FROM numbers').toArray();
    for (const [verifier, n] of row ? MARKS.read(row.marks) : []) this.#highest.set(verifier, n);
  }

  /** Applies records that were written since `keep`; at the start, in their order. */
  replay(records: readonly AuditRecord[]): void {
    for (const record of records) {
      const numbered = record.event === 'gap' ? { ...record, n: record.before - 1 } : record;
      if (isNumbered(numbered)) this.#raise(numbered.verifier, numbered.n);
    }
    this.#replaced = [];
  }

  /** Returns whether a record of this verifier has arrived here, or in an earlier log. */
  isKnown(verifier: string): boolean {
    return this.#highest.has(verifier);
  }

  /** Notes what an earlier log had of a verifier. */
  adopt(verifier: string, n: number): void {
    if (!this.isKnown(verifier)) this.#highest.set(verifier, n);
  }

  /** Begins a transaction: `withdraw` returns to here. */
  begin(): void {
    this.#replaced = [];
    this.#isUnwritten = false;
  }

  /** Forgets what a transaction that failed has noted. */
  withdraw(): void {
    for (const [verifier, n] of this.#replaced.reverse()) {
      if (n === undefined) this.#highest.delete(verifier);
      else this.#highest.set(verifier, n);
    }
    this.#replaced = [];
  }

  /** Notes the arrival of a record, if a verifier has numbered it: see `note`. */
  arrived(record: AuditRecord, now: UnixMilliseconds): Arrival {
    if (record.event === 'gap' || !isNumbered(record)) return { isNew: true };
    return this.note(record.verifier, record.n, now);
  }

  /**
   * Notes the arrival of a number. `isNew` is false if it, or a later one, has arrived before.
   * `gap` has the numbers that it skipped, if there are any.
   */
  note(verifier: string, n: number, now: UnixMilliseconds): Arrival {
    const after = this.#highest.get(verifier) ?? 0;
    if (n <= after) return { isNew: false }; // It is late, and its gap was recorded.
    this.#raise(verifier, n);
    return n > after + 1 ? { isNew: true, gap: gapOf(verifier, after, n, now) } : { isNew: true };
  }

  /** Notes numbers of verifiers that count their records over all logs, as `note` does it. */
  noteAll(arrived: readonly ArrivedNumbers[], now: UnixMilliseconds): Arrivals {
    const gaps: GapRecord[] = [];
    const fresh = new Set<string>();
    for (const { verifier, numbers } of arrived) {
      for (const n of numbers) {
        const { isNew, gap } = this.note(verifier, n, now);
        if (gap) gaps.push(gap);
        if (isNew) fresh.add(`${verifier}.${n}`);
      }
    }
    this.#isUnwritten ||= fresh.size > 0;
    return { gaps, fresh };
  }

  /** The record whose number arrived last is only counted. */
  leftNoRow(): void {
    this.#isUnwritten = true;
  }

  /** Stores the numbers of this transaction that follow from no row. */
  keepUnwritten(): void {
    if (this.#isUnwritten) this.keep();
  }

  /**
   * Stores the highest numbers, before rows go from which they follow. Call it in the same
   * transaction.
   */
  keep(): void {
    const marks = [...this.#highest].slice(-VERIFIERS_KNOWN_MAX);
    this.#sql.exec('INSERT OR REPLACE INTO numbers (id, marks) VALUES (0, ?)', MARKS.write(marks));
  }

  /** Notes that `verifier` has numbered `n` records. Stores nothing if all of them have arrived. */
  announce(verifier: string, n: number, now: UnixMilliseconds): void {
    const highest = this.#highest.get(verifier) ?? 0;
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

  /** Returns whether no more records of a credential may be late, so no more are awaited. */
  isFull(prefix: string): boolean {
    return this.awaitedOf(prefix) >= AWAITED_PER_CREDENTIAL_MAX;
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
    const after = this.#highest.get(verifier) ?? 0;
    const isMissing = n > after;
    if (isMissing) this.#raise(verifier, n);
    this.#sql.exec('DELETE FROM awaited WHERE verifier = ?', verifier);
    this.announce(verifier, latest, now);
    return isMissing ? [gapOf(verifier, after, n + 1, now)] : [];
  }

  #raise(verifier: string, n: number): void {
    const before = this.#highest.get(verifier);
    this.#replaced.push([verifier, before]);
    this.#highest.delete(verifier);
    this.#highest.set(verifier, Math.max(n, before ?? 0));
  }
}

/** What the arrival of a number means. */
export interface Arrival {
  readonly isNew: boolean;
  readonly gap?: GapRecord;
}

/** What the arrival of several numbers means. */
export interface Arrivals {
  readonly gaps: readonly GapRecord[];
  /** The ids of the records whose numbers had not arrived before. */
  readonly fresh: ReadonlySet<string>;
}

/** A log must write any record, so it may meet one with another form. */
const isNumbered = (
  record: object,
): record is { readonly verifier: string; readonly n: number } => {
  const { verifier, n } = record as { readonly verifier?: unknown; readonly n?: unknown };
  return typeof verifier === 'string' && Number.isSafeInteger(n);
};
