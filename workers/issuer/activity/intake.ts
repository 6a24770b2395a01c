import { applyRecord, countedOf, topicOf, usesOf } from '../../../src/activity/index.ts';
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

/** Applies records of the logs to the tables. Call every method in a transaction. */
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
    for (const record of records) {
      const topic = topicOf(record);
      if (topic !== undefined) this.#noteTopic(topic);
      this.#addToSeries(record);
      this.#noteLastUse(record);
      const { workflow } = record;
      if (workflow === undefined) continue;
      const root = rootOf(workflow);
      const before = touched.has(root) ? touched.get(root) : this.#rows.find(root);
      const after = applyRecord(before, record);
      touched.set(root, after as IndexedWorkflow | undefined);
      if (after) this.#rows.addUses(root, usesOf(record));
    }
    for (const row of touched.values()) if (row) this.#rows.save(row);
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

  #noteTopic(topic: string): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO topic (name, changed) VALUES (?, ?)',
      topic,
      this.#state.seq,
    );
  }

  #addToSeries(record: AuditRecord): void {
    const counted = countedOf(record);
    if (!counted) return;
    const { minute, calls, denials, mints } = counted;
    this.#sql.exec(
      `INSERT INTO minute (at, calls, denials, mints) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET calls = calls + excluded.calls,
         denials = denials + excluded.denials, mints = mints + excluded.mints`,
      ...[minute, calls, denials, mints],
    );
  }

  #noteLastUse(record: AuditRecord): void {
    if (record.event !== 'decision' || !record.allowed) return;
    const { agent, tool, datasets, at, workflow } = record;
    if (typeof agent !== 'string' || tool === undefined || workflow === undefined) return;
    const named = Array.isArray(datasets) && datasets.length > 0 ? datasets : [''];
    for (const dataset of named) {
      this.#sql.exec(
        `INSERT INTO last_use (agent, tool, dataset, at, calls, root) VALUES (?, ?, ?, ?, 1, ?)
         ON CONFLICT DO UPDATE SET calls = calls + 1, at = MAX(at, excluded.at),
           root = CASE WHEN excluded.at >= at THEN excluded.root ELSE root END`,
        ...[agent, tool, dataset, at, rootOf(workflow)],
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
