import { readSeconds } from '../../../src/clock.ts';
import { isTerminal } from '../../../src/lifecycle/index.ts';
import type { AttachedPrompt } from '../../../src/provenance/index.ts';
import { type KeptReceipt, keepNewest } from '../../../src/receipts/index.ts';
import type { OnDemandStorage } from '../platform/on-demand.ts';
import { RECEIPT } from './columns.ts';
import type { WorkflowRows } from './rows.ts';
import { receiptTable } from './tables.ts';

/**
 * The receipts of what each workflow has read, for the gateways that serve it. They are rows of
 * their own: one is written for each read with marked values. They go with the object.
 */
export class ReceiptRows {
  readonly #storage: OnDemandStorage;
  readonly #rows: WorkflowRows;

  constructor(storage: OnDemandStorage, rows: WorkflowRows) {
    this.#storage = storage;
    this.#rows = rows;
  }

  /** Returns what is kept of a workflow, the oldest first. */
  of(workflow: string): readonly KeptReceipt[] {
    return this.#stored(workflow).map(({ kept }) => kept);
  }

  /**
   * Returns the request of the user that a workflow began with. Returns undefined if it had none.
   */
  promptOf(workflow: string): AttachedPrompt | undefined {
    return this.#rows.find(workflow)?.start.prompt;
  }

  /** Keeps the newest receipts of a living workflow, and forgets the others. */
  keep(workflow: string, added: readonly KeptReceipt[]): void {
    const row = this.#rows.find(workflow);
    if (!row || isTerminal(row.life.state)) return;
    this.#storage.transact(() => {
      this.#storage.ensure('receipt');
      const { sql } = this.#storage;
      const stored = this.#stored(workflow);
      const before = stored.map(({ kept }) => kept);
      const kept = keepNewest(before, added, readSeconds());
      const [known, stays] = [namesOf(before), namesOf(kept)];
      for (const { n, kept: one } of stored) {
        if (!stays.has(one.receipt)) sql.exec('DELETE FROM receipt WHERE n = ?', n);
      }
      for (const one of kept) {
        if (known.has(one.receipt)) continue;
        const json = RECEIPT.write(one);
        sql.exec('INSERT INTO receipt (workflow, kept) VALUES (?, ?)', workflow, json);
      }
    });
  }

  #stored(workflow: string) {
    if (!this.#storage.has('receipt')) return [];
    return this.#storage.sql
      .exec('SELECT * FROM receipt WHERE workflow = ? ORDER BY n', workflow)
      .toArray()
      .map((row) => receiptTable.read(row));
  }
}

const namesOf = (receipts: readonly KeptReceipt[]): ReadonlySet<string> =>
  new Set(receipts.map(({ receipt }) => receipt));
