import type { UnixMilliseconds } from '../../../src/clock.ts';
import { type OwedRow, type OwedStore, owedRowOf } from '../audit/owed-store.ts';
import type { SmallTable } from './small-table.ts';

/** The records that a workflow owes to the audit log. Usually for a moment, and one or two. */
export class SmallOwed implements OwedStore {
  readonly #table: SmallTable;

  constructor(table: SmallTable) {
    this.#table = table;
  }

  add(row: OwedRow): void {
    this.#table.add({ ...row });
  }

  has(id: string): boolean {
    return this.#table.all().some((row) => row.id === id);
  }

  nextDue(): UnixMilliseconds | undefined {
    const rows = this.#table.all();
    return rows.length === 0 ? undefined : Math.min(...rows.map(({ due }) => Number(due)));
  }

  due(now: UnixMilliseconds, limit: number): readonly OwedRow[] {
    const due = this.#table.all().filter((row) => Number(row.due) <= now);
    return due.slice(0, limit).map(owedRowOf);
  }

  remove(ids: readonly string[]): void {
    this.#table.delete(this.#numbersOf(ids));
  }

  postpone(id: string, tries: number, due: UnixMilliseconds): void {
    for (const n of this.#numbersOf([id])) this.#table.update(n, { tries, due });
  }

  #numbersOf(ids: readonly string[]): readonly number[] {
    const rows = this.#table.all().filter(({ id }) => ids.includes(String(id)));
    return rows.map(({ n }) => Number(n));
  }
}
