import { type HeadWatermark, NEVER_EXPIRES } from '../../../src/feed/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import type { ArchivedEntry } from './archived-entry.ts';
import { type Denial, type DenialScope, isInForce } from './denial.ts';

/** A denial, and by what its entry is told from one of the same scope before or after it. */
export interface StoredDenial extends Denial {
  readonly ordered: string;
}

/** The denials of the log, as its entries say and an operator has described them. */
export class Denials {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** All that are stored, oldest first; one whose end has come is there until its lift is. */
  all(): readonly StoredDenial[] {
    return this.#sql.exec('SELECT * FROM denial ORDER BY at, scope, value').toArray().map(read);
  }

  inForce(nowSeconds: number): readonly Denial[] {
    return this.all()
      .filter((denial) => isInForce(denial, nowSeconds))
      .map(({ ordered: _, ...denial }) => denial);
  }

  find(scope: string, value: string): StoredDenial | undefined {
    const [row] = this.#sql
      .exec('SELECT * FROM denial WHERE scope = ? AND value = ?', scope, value)
      .toArray();
    return row && read(row);
  }

  /** Follows an entry into the table; in the transaction that stores the entry. */
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
    } else throw new Error(`the log holds a ${kind} that is no entry`);
  }

  describe(ordered: string, { until, reason }: Pick<Denial, 'until' | 'reason'>): void {
    this.#sql.exec(
      'UPDATE denial SET until = ?, reason = ? WHERE ordered = ?',
      ...[until ?? null, reason ?? null, ordered],
    );
  }

  /** What a head lists, so that every verifier refuses the calls of a denied tool. */
  tools(nowSeconds: number): readonly HeadWatermark[] {
    return this.inForce(nowSeconds)
      .filter(({ scope }) => scope === 'tool')
      .map(({ scope, value, before }) => ({ scope, value, before, expires: NEVER_EXPIRES }));
  }

  /** Those whose end has come and whose lift is still to be written. */
  over(nowSeconds: number): readonly StoredDenial[] {
    return this.all().filter((denial) => !isInForce(denial, nowSeconds));
  }

  /** Unix seconds at which the next one ends; undefined where none does by itself. */
  nextEnd(): number | undefined {
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
