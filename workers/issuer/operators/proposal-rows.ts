import { readSeconds } from '../../../src/clock.ts';
import type { Proposal } from './binding.ts';
import { PROPOSAL } from './columns.ts';
import { proposalTable } from './tables.ts';

/** What one person may have waiting for another. */
const PROPOSALS_PER_PERSON_MAX = 32;

/** The orders that wait for a second person. Runs inside the object that owns the table. */
export class ProposalRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Returns false if too many of its author wait. */
  add(proposal: Proposal): boolean {
    const { id, by, expires } = proposal;
    const waiting = this.#sql.exec('SELECT id FROM proposal WHERE author = ?', by).toArray();
    if (waiting.length >= PROPOSALS_PER_PERSON_MAX) return false;
    this.#sql.exec(
      'INSERT INTO proposal (id, author, expires, proposal) VALUES (?, ?, ?, ?)',
      ...[id, by, expires, PROPOSAL.write(proposal)],
    );
    return true;
  }

  /** Returns them, the oldest first. */
  all(): Proposal[] {
    return this.#sql
      .exec('SELECT * FROM proposal WHERE expires > ? ORDER BY expires, id', readSeconds())
      .toArray()
      .map((row) => proposalTable.read(row).proposal);
  }

  /** Returns false if there is none. */
  remove(id: string): boolean {
    return this.#sql.exec('DELETE FROM proposal WHERE id = ?', id).rowsWritten > 0;
  }

  dropEnded(): void {
    this.#sql.exec('DELETE FROM proposal WHERE expires <= ?', readSeconds());
  }
}
