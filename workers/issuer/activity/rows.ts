import {
  kindsOf,
  type Use,
  type UseKind,
  type WorkflowActivity,
} from '../../../src/activity/index.ts';
import type { UnixSeconds } from '../../../src/clock.ts';
import type { StoredRow } from '../platform/table.ts';
import type { IndexedWorkflow } from './binding.ts';
import { type Counts, RECENT } from './columns.ts';
import type { IndexState } from './state.ts';
import { activityTable } from './tables.ts';

/** Values of one kind that a workflow is found by. Grants alone have up to 32 tools each mint. */
const USES_PER_KIND_MAX = 256;

/** The rows of workflows and what they are found by. Call every write in a transaction. */
export class ActivityRows {
  readonly #sql: SqlStorage;
  readonly #state: IndexState;

  constructor(sql: SqlStorage, state: IndexState) {
    this.#sql = sql;
    this.#state = state;
  }

  find(root: string): IndexedWorkflow | undefined {
    const [row] = this.#sql.exec(`${SELECT} WHERE root = ?`, root).toArray();
    return row && readRow(row);
  }

  /**
   * Writes a workflow with the number of this change, and counts it. A column of an index costs a
   * row even if its value stays, so those that rarely change are left out of an update.
   */
  save(workflow: WorkflowActivity): void {
    const { id, state, stateAt, by, agent, subject, owner, task, tier, began } = workflow;
    const { ends, ended, lastCall, mints, calls, denials, waiting, recent } = workflow;
    const before = this.find(id);
    this.#count(before, -1);
    this.#count(workflow, 1);
    const columns: readonly (readonly [name: string, value: string | number | undefined])[] = [
      ['changed', this.#state.seq],
      ['state', state],
      ['state_at', stateAt],
      ['actor', by],
      ['agent', agent],
      ['subject', subject],
      ['owner', owner],
      ['task', task],
      ['tier', tier],
      ...(before?.began === began ? [] : [['began', began] as const]),
      ...(before && before.ended === ended && before.ends === ends
        ? []
        : ([
            ['ends', ends],
            ['ended', ended],
          ] as const)),
      ['last_call', lastCall],
      ['mints', mints],
      ['calls', calls],
      ['denials', denials],
      ['waiting', waiting],
      ['recent', recent && RECENT.write(recent)],
    ];
    const names = columns.map(([name]) => name);
    const values = columns.map(([, value]) => value ?? null);
    this.#sql.exec(
      before
        ? `UPDATE activity SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE root = ?`
        : `INSERT INTO activity (${names.join(', ')}, root)
           VALUES (${names.map(() => '?').join(', ')}, ?)`,
      ...[...values, id],
    );
  }

  delete(root: string): void {
    this.#count(this.find(root), -1);
    this.#sql.exec('DELETE FROM activity WHERE root = ?', root);
    this.#sql.exec('DELETE FROM found_by WHERE root = ?', root);
  }

  /** Notes by what a workflow is found. Of each kind, the first ones stay. */
  addUses(root: string, uses: readonly Use[]): void {
    for (const { kind, value } of uses) {
      this.#sql.exec(
        `INSERT OR IGNORE INTO found_by (root, kind, value) SELECT ?, ?, ?
         WHERE (SELECT COUNT(*) FROM found_by WHERE root = ? AND kind = ?) < ?`,
        ...[root, kind, value, root, kind, USES_PER_KIND_MAX],
      );
    }
  }

  /** Returns the workflows whose last capability has ended and that have no end yet. */
  overdue(now: UnixSeconds, limit: number): readonly IndexedWorkflow[] {
    return this.#read(`${SELECT} WHERE ended IS NULL AND ends < ? LIMIT ?`, now, limit);
  }

  /**
   * Deletes workflows that ended before a time, and the ones that ended first beyond a number: up
   * to `limit` of each. Returns whether it deleted all of them.
   */
  purge(before: UnixSeconds, rowsMax: number, limit: number): boolean {
    const { n } = this.#sql.exec('SELECT COUNT(*) AS n FROM activity').one();
    const excess = Math.max(0, Number(n) - rowsMax);
    const old = this.#sql
      .exec('SELECT root FROM activity WHERE ended < ? LIMIT ?', before, limit)
      .toArray();
    const first = this.#sql
      .exec(
        'SELECT root FROM activity ORDER BY ended IS NULL, ended, ends LIMIT ?',
        Math.min(excess, limit),
      )
      .toArray();
    for (const root of new Set([...old, ...first].map((row) => String(row.root))))
      this.delete(root);
    return old.length < limit && first.length === excess;
  }

  /** Forgets a person. Their workflows stay, without the members that say something of them. */
  forget(subject: string): void {
    this.#sql.exec(
      'UPDATE activity SET subject = NULL, task = NULL, changed = ? WHERE subject = ?',
      ...[this.#state.seq, subject],
    );
  }

  /** Reads rows with a condition that `search.ts` wrote. */
  select(condition: string, ...values: readonly (string | number)[]): readonly IndexedWorkflow[] {
    return this.#read(`${SELECT} ${condition}`, ...values);
  }

  /** Returns what a workflow is found by. */
  usesOf(root: string, kind: UseKind): readonly string[] {
    return this.#sql
      .exec('SELECT value FROM found_by WHERE root = ? AND kind = ? ORDER BY value', root, kind)
      .toArray()
      .map(({ value }) => String(value));
  }

  #read(sql: string, ...values: readonly (string | number)[]): readonly IndexedWorkflow[] {
    return this.#sql
      .exec(sql, ...values)
      .toArray()
      .map(readRow);
  }

  #count(workflow: WorkflowActivity | undefined, by: 1 | -1): void {
    if (!workflow) return;
    const counts: Record<keyof Counts, number> = { ...this.#state.counts };
    for (const kind of kindsOf(workflow)) counts[kind] = Math.max(0, counts[kind] + by);
    this.#state.counts = counts;
  }
}

const SELECT = `SELECT activity.*, (SELECT COUNT(*) FROM found_by
  WHERE found_by.root = activity.root AND found_by.kind = 'child') AS children FROM activity`;

function readRow(stored: StoredRow): IndexedWorkflow {
  const { root, state, state_at, actor, last_call, ...row } = activityTable.read(stored);
  const { agent, subject, owner, task, tier, began, ends, ended, recent } = row;
  return {
    id: root,
    state,
    stateAt: state_at,
    ...(actor !== undefined && { by: actor }),
    ...(agent !== undefined && { agent }),
    ...(subject !== undefined && { subject }),
    ...(owner !== undefined && { owner }),
    ...(task !== undefined && { task }),
    ...(tier !== undefined && { tier }),
    began,
    ends,
    ...(ended !== undefined && { ended }),
    ...(last_call !== undefined && { lastCall: last_call }),
    ...(recent && { recent }),
    mints: row.mints,
    calls: row.calls,
    denials: row.denials,
    waiting: row.waiting,
    children: Number(stored.children),
  };
}
