import { type Grant, smallestBudgets } from '../../../src/capability/index.ts';
import { readSeconds } from '../../../src/clock.ts';
import {
  type ActorKind,
  type GrantedStepUp,
  isTerminal,
  type Lifecycle,
  type Meter,
  type TreeNode,
  type WorkflowState,
} from '../../../src/lifecycle/index.ts';
import type { WorkflowStart } from './binding.ts';
import { ADDED, BOUNDS, GRANTED, START } from './columns.ts';

const WORKFLOW_IDLE_SECONDS = 3_600; // The longest capability: with none left, nobody is there.
const RULE_STEP_UPS_MAX = 64; // As many as an agent gets within the window, and more.

/** A workflow as its row has it. `life.state` is what was decided, `inForce` what everybody has. */
export interface WorkflowRow extends TreeNode {
  readonly start: WorkflowStart;
  readonly inForce: WorkflowState;
  /** Unix milliseconds. */
  readonly endedAt?: number;
}

/** Who and what for, for a record; the id alone where the workflow was never begun. */
export function attributionOf(row: WorkflowRow | undefined, workflow: string) {
  if (!row) return { workflow };
  const { agent, subject, owner, task } = row.start;
  return { workflow, agent, subject, owner, task };
}

/** The rows of one object; every change of them is in a transaction of the caller's. */
export class WorkflowRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** All workflows of the object, each parent before its children. */
  tree(): readonly WorkflowRow[] {
    return this.#sql
      .exec('SELECT * FROM workflow ORDER BY rowid')
      .toArray()
      .map((row) => this.#read(row));
  }

  find(id: string): WorkflowRow | undefined {
    const [row] = this.#sql.exec('SELECT * FROM workflow WHERE id = ?', id).toArray();
    return row && this.#read(row);
  }

  /** Inserts a workflow and starts it: its first capability is about to be handed out. */
  insert(start: WorkflowStart, bounds: { ends: number; depth: number }, meters: readonly Meter[]) {
    const { id, parent = null, gen, startedAt } = start;
    this.#sql.exec(
      `INSERT INTO workflow (id, parent, start, state, ordered, gen, depth, ends, idle, active_at)
       VALUES (?, ?, ?, 'pending', 'pending', ?, ?, ?, ?, ?)`,
      ...[id, parent, START.write(start), gen, bounds.depth, bounds.ends],
      ...[WORKFLOW_IDLE_SECONDS, startedAt],
    );
    this.#sql.exec("UPDATE workflow SET state = 'active', ordered = 'active' WHERE id = ?", id);
    this.saveMeters(id, meters);
  }

  /** What was decided; `state` follows when the intent is done. */
  saveLife(life: Lifecycle, nowMilliseconds: number): void {
    const { id, state, gen, activeAt, suspendedBy, graceEnds } = life;
    this.#sql.exec(
      `UPDATE workflow SET ordered = ?, gen = ?, active_at = ?, suspended_by = ?, grace_ends = ?,
       ended_at = ? WHERE id = ?`,
      ...[state, gen, activeAt, suspendedBy ?? null, graceEnds ?? null],
      ...[isTerminal(state) ? nowMilliseconds : null, id],
    );
  }

  touch(id: string, activeAt: number): void {
    this.#sql.exec(
      'UPDATE workflow SET active_at = MAX(active_at, ?) WHERE id = ?',
      ...[Math.floor(activeAt), id],
    );
  }

  saveMeters(id: string, meters: readonly Meter[]): void {
    for (const { key, limit, share, used, carved, leased } of meters) {
      this.#sql.exec(
        `INSERT INTO meter (workflow, key, budget, share, used, carved, leased)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET budget = excluded.budget, share = excluded.share,
           used = excluded.used, carved = excluded.carved, leased = excluded.leased`,
        ...[id, key, limit, share, used, carved, leased],
      );
    }
  }

  recordMint(mint: WorkflowStart, added: readonly Grant[]): void {
    const now = readSeconds();
    const { grants, tier, budgets } = mint;
    const bounds = { ...(tier !== undefined && { tier }), ...(budgets && { budgets }) };
    for (const block of mint.blocks) {
      this.#sql.exec(
        'INSERT INTO granted (block, grants, bounds) VALUES (?, ?, ?)',
        ...[block, GRANTED.write(grants), BOUNDS.write(bounds)],
      );
      this.#sql.exec(
        'INSERT INTO mint (block, workflow, at, expires, added) VALUES (?, ?, ?, ?, ?)',
        ...[block, mint.id, now, mint.expires, ADDED.write(added)],
      );
    }
    this.touch(mint.id, now);
  }

  /** When each of the newest `count` mints of a workflow was, newest first; unix seconds. */
  newestMints(id: string, count: number): readonly number[] {
    return this.#sql
      .exec('SELECT at FROM mint WHERE workflow = ? ORDER BY rowid DESC LIMIT ?', id, count)
      .toArray()
      .map(({ at }) => Number(at));
  }

  mints(id: string): readonly { block: string; added: readonly Grant[] }[] {
    return this.#sql
      .exec('SELECT block, added FROM mint WHERE workflow = ? ORDER BY rowid', id)
      .toArray()
      .map(({ block, added }) => ({
        block: String(block),
        added: ADDED.read(added),
      }));
  }

  /** The last mints that gave it more than it had, as the deviation rules read them. */
  stepUps(id: string): readonly GrantedStepUp[] {
    return this.#sql
      .exec(
        `SELECT at, added FROM mint WHERE workflow = ? AND added <> '[]'
         ORDER BY rowid DESC LIMIT ?`,
        ...[id, RULE_STEP_UPS_MAX],
      )
      .toArray()
      .map(({ at, added }) => {
        // The row has whole seconds: what was denied within that second was denied before it.
        return { at: Number(at) * 1000 + 999, grants: ADDED.read(added) };
      })
      .filter(({ grants }) => grants.length > 0);
  }

  /** What one capability was granted; undefined where its mint was lost. */
  granted(block: string): readonly Grant[] | undefined {
    const [row] = this.#sql.exec('SELECT grants FROM granted WHERE block = ?', block).toArray();
    return row && GRANTED.read(row.grants);
  }

  /**
   * Of all its mints the highest tier and the smallest budgets: stepping up evades no bound, and a
   * policy that was loosened meanwhile loosens none of a workflow that runs.
   */
  bounds(id: string): Pick<WorkflowStart, 'tier' | 'budgets'> {
    const all = this.#sql
      .exec('SELECT bounds FROM granted JOIN mint USING (block) WHERE workflow = ?', id)
      .toArray()
      .map(({ bounds }) => BOUNDS.read(bounds));
    const [tier] = all.flatMap(({ tier: one }) => one ?? []).sort((a, b) => b - a);
    const budgets = smallestBudgets(all.flatMap(({ budgets: one }) => one ?? []));
    return { ...(tier !== undefined && { tier }), budgets };
  }

  #read(row: Record<string, SqlStorageValue>): WorkflowRow {
    const id = String(row.id);
    const start = START.read(row.start);
    const life: Lifecycle = {
      id,
      state: row.ordered as WorkflowState,
      gen: Number(row.gen),
      ends: Number(row.ends),
      idleSeconds: Number(row.idle),
      activeAt: Number(row.active_at),
      tokensEnd: this.#tokensEnd(start),
      ...(row.suspended_by !== null && { suspendedBy: row.suspended_by as ActorKind }),
      ...(row.grace_ends !== null && { graceEnds: Number(row.grace_ends) }),
    };
    return {
      start,
      life,
      inForce: row.state as WorkflowState,
      depth: Number(row.depth),
      ...(row.parent !== null && { parent: String(row.parent) }),
      ...(row.ended_at !== null && { endedAt: Number(row.ended_at) }),
      meters: this.#meters(id),
    };
  }

  #tokensEnd({ id, expires }: WorkflowStart): number {
    const { latest } = this.#sql
      .exec('SELECT MAX(expires) AS latest FROM mint WHERE workflow = ?', id)
      .one();
    return Math.max(expires, Number(latest ?? 0));
  }

  #meters(id: string): readonly Meter[] {
    return this.#sql
      .exec('SELECT * FROM meter WHERE workflow = ? ORDER BY key', id)
      .toArray()
      .map(({ key, budget, share, used, carved, leased }) => ({
        key: String(key),
        limit: Number(budget),
        share: Number(share),
        used: Number(used),
        carved: Number(carved),
        leased: Number(leased),
      }));
  }
}
