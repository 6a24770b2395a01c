import type { UnixSeconds } from '../../../src/clock.ts';
import { type HeadWatermark, NEVER_EXPIRES } from '../../../src/feed/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import type { ArchivedEntry } from './archive-binding.ts';
import { type Denial, type DenialScope, isInForce } from './denial.ts';

/** A denial with the key of its entry, which distinguishes it from others of the same scope. */
export interface StoredDenial extends Denial {
  readonly ordered: string;
}

/** The `denial` table: what the entries of the log say, and what an operator wrote about them. */
export class Denials {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Returns all that are stored, oldest first. An ended denial stays until its lift is written. */
  all(): readonly StoredDenial[] {
    return this.#sql.exec('SELECT * FROM denial ORDER BY at, scope, value').toArray().map(read);
  }

  inForce(now: UnixSeconds): readonly Denial[] {
    return this.all()
      .filter((denial) => isInForce(denial, now))
      .map(({ ordered: _, ...denial }) => denial);
  }

  find(scope: string, value: string): StoredDenial | undefined {
    const [row] = this.#sql
      .exec('SELECT * FROM denial WHERE scope = ? AND value = ?', scope, value)
      .toArray();
    return row && read(row);
  }

  /** Applies an entry to the table, in the transaction that stores the entry. */
  apply({ kind, ordered, record }: ArchivedEntry): void {
    if (kind !== 'denial' && kind !== 'lift') return;
    const entry = decodeRecords(record)?.[0]?.entry;
    if (entry?.kind === 'lift') {
      const { scope, value } = entry;
      this.#sql.exec('DELETE FROM denial WHERE scope = ? AND value = ?', scope, value);
    } else if (entry?.kind === 'denial') {
      const { scope, value, before, at } = entry;
      this.#sql.exec(
        `INSERT OR REPLACE INTO denial (scope, value, ordered, before, at, until, reason)
         VALUES (?, ?, ?, ?, ?, NULL, NULL)`,
        ...[scope, value, ordered, before, at],
      );
    } else throw new Error(`The log holds a record of kind ${kind} that is not an entry.`);
  }

  /** Adds what an operator wrote to the denial with this key. */
  describe(ordered: string, { until, reason }: Pick<Denial, 'until' | 'reason'>): void {
    this.#sql.exec(
      'UPDATE denial SET until = ?, reason = ? WHERE ordered = ?',
      ...[until ?? null, reason ?? null, ordered],
    );
  }

  /** Returns the denied tools as a head lists them, so every verifier refuses their calls. */
  tools(now: UnixSeconds): readonly HeadWatermark[] {
    return this.inForce(now)
      .filter(({ scope }) => scope === 'tool')
      .map(({ scope, value, before }) => ({ scope, value, before, expires: NEVER_EXPIRES }));
  }

  /** Returns the denials that have ended and whose lift is still to be written. */
  ended(now: UnixSeconds): readonly StoredDenial[] {
    return this.all().filter((denial) => !isInForce(denial, now));
  }

  /** Returns when the next denial ends, or undefined if none ends by itself. */
  nextEnd(): UnixSeconds | undefined {
    const { next } = this.#sql.exec('SELECT MIN(until) AS next FROM denial').one();
    return next === null ? undefined : Number(next);
  }
}

function read(row: Record<string, SqlStorageValue>): StoredDenial {
  return {
    scope: row.scope as DenialScope,
    value: String(row.value),
    ordered: String(row.ordered),
    before: Number(row.before),
    at: Number(row.at),
    ...(row.until !== null && { until: Number(row.until) }),
    ...(row.reason !== null && { reason: String(row.reason) }),
  };
}
