import {
  applyRecord,
  distinctUses,
  lastUsesOf,
  minutesOf,
  topicOf,
  type Use,
  usesOf,
} from '../../../src/activity/index.ts';
import type { AuditRecord } from '../../../src/audit/index.ts';
import type { UnixSeconds } from '../../../src/clock.ts';
import { rootOf } from '../workflow/id.ts';
import type { IndexedWorkflow } from './binding.ts';
import type { ActivityRows } from './rows.ts';
import type { IndexState } from './state.ts';
import { questionTable } from './tables.ts';

/** What an operator looks back on without a search in the logs. */
export const KEPT_SECONDS = 48 * 3_600;
/** Pairs of an agent and a dataset of a tool. The oldest go first. */
const LAST_USES_MAX = 20_000;
const LAST_USES_DROPPED = 1_000;

/**
 * Applies records of the logs to the tables. Call every method in a transaction. Records that
 * change the same row are added up first: rows written decide what the index costs.
 */
export class ActivityIntake {
  readonly #sql: SqlStorage;
  readonly #state: IndexState;
  readonly #rows: ActivityRows;

  constructor(sql: SqlStorage, state: IndexState, rows: ActivityRows) {
    this.#sql = sql;
    this.#state = state;
    this.#rows = rows;
  }

  /** Applies records, each of which was never applied before. */
  apply(records: readonly AuditRecord[]): void {
    const touched = new Map<string, IndexedWorkflow | undefined>();
    const uses = new Map<string, Use[]>();
    for (const record of records) {
      const { workflow } = record;
      if (workflow === undefined) continue;
      const root = rootOf(workflow);
      const before = touched.has(root) ? touched.get(root) : this.#rows.find(root);
      const after = applyRecord(before, record);
      touched.set(root, after as IndexedWorkflow | undefined);
      if (!after) continue;
      const own = uses.get(root) ?? [];
      own.push(...usesOf(record));
      uses.set(root, own);
    }
    for (const row of touched.values()) if (row) this.#rows.save(row);
    for (const [root, own] of uses) this.#rows.addUses(root, distinctUses(own));
    this.#noteTopics(records);
    this.#addToSeries(records);
    this.#noteLastUses(records);
    // Afterwards: a question about a workflow counts in its row.
    for (const record of records) this.#noteQuestion(record);
  }

  /** Ends questions whose time is over. */
  endQuestions(now: UnixSeconds): void {
    const over = this.#sql
      .exec('SELECT * FROM question WHERE expires < ?', now)
      .toArray()
      .map((row) => questionTable.read(row));
    for (const { approval } of over) this.#endQuestion(approval);
  }

  hasOverdueQuestions(now: UnixSeconds): boolean {
    const sql = 'SELECT 1 FROM question WHERE expires < ? LIMIT 1';
    return this.#sql.exec(sql, now).toArray().length > 0;
  }

  /** Deletes what is older than anyone looks back. */
  purgeSeries(now: UnixSeconds): void {
    this.#sql.exec('DELETE FROM minute WHERE at < ?', now - KEPT_SECONDS);
    const { n } = this.#sql.exec('SELECT COUNT(*) AS n FROM last_use').one();
    if (Number(n) <= LAST_USES_MAX) return;
    this.#sql.exec(
      `DELETE FROM last_use WHERE (agent, tool, dataset) IN
         (SELECT agent, tool, dataset FROM last_use ORDER BY at LIMIT ?)`,
      Number(n) - LAST_USES_MAX + LAST_USES_DROPPED,
    );
  }

  #noteTopics(records: readonly AuditRecord[]): void {
    for (const topic of new Set(records.flatMap((record) => topicOf(record) ?? []))) {
      this.#sql.exec(
        'INSERT OR REPLACE INTO topic (name, changed) VALUES (?, ?)',
        topic,
        this.#state.seq,
      );
    }
  }

  #addToSeries(records: readonly AuditRecord[]): void {
    for (const { minute, calls, denials, mints } of minutesOf(records)) {
      this.#sql.exec(
        `INSERT INTO minute (at, calls, denials, mints) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET calls = calls + excluded.calls,
           denials = denials + excluded.denials, mints = mints + excluded.mints`,
        ...[minute, calls, denials, mints],
      );
    }
  }

  #noteLastUses(records: readonly AuditRecord[]): void {
    for (const { agent, tool, dataset, at, calls, root } of lastUsesOf(records)) {
      this.#sql.exec(
        `INSERT INTO last_use (agent, tool, dataset, at, calls, root) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, at = MAX(at, excluded.at),
           root = CASE WHEN excluded.at >= at THEN excluded.root ELSE root END`,
        ...[agent, tool, dataset, at, calls, root],
      );
    }
  }

  #noteQuestion(record: AuditRecord): void {
    if (record.event === 'approval_decided') this.#endQuestion(record.approval);
    if (record.event !== 'approval_asked') return;
    const { approval, workflow, expires } = record;
    const root = workflow === undefined ? undefined : rootOf(workflow);
    this.#sql.exec(
      'INSERT OR REPLACE INTO question (approval, root, expires) VALUES (?, ?, ?)',
      ...[approval, root ?? null, expires],
    );
    if (root !== undefined) this.#addWaiting(root, 1);
  }

  #endQuestion(approval: string): void {
    const [stored] = this.#sql
      .exec('DELETE FROM question WHERE approval = ? RETURNING *', approval)
      .toArray();
    const { root } = stored ? questionTable.read(stored) : {};
    if (root !== undefined) this.#addWaiting(root, -1);
  }

  #addWaiting(root: string, by: 1 | -1): void {
    const row = this.#rows.find(root);
    if (row) this.#rows.save({ ...row, waiting: Math.max(0, row.waiting + by) });
  }
}
