import { type Grant, smallestBudgets } from '../../../src/capability/index.ts';
import { readSeconds, type UnixMilliseconds, type UnixSeconds } from '../../../src/clock.ts';
import {
  type GrantedStepUp,
  isTerminal,
  type Lifecycle,
  type Meter,
  type TreeNode,
  type WorkflowState,
} from '../../../src/lifecycle/index.ts';
import type { StoredRow } from '../platform/table.ts';
import type { WorkflowParties, WorkflowStart } from './binding.ts';
import { ADDED, BOUNDS, GRANTED, START } from './columns.ts';
import { meterTable, workflowTable } from './tables.ts';

/** The longest capability: when the last one has expired, no agent is left that could act. */
const WORKFLOW_IDLE_SECONDS = 3_600;
/** More than an agent gets within the rules' window. */
const RULE_STEP_UPS_MAX = 64;

/** A stored workflow. `life.state` was decided; `inForce` is what the feed has. */
export interface WorkflowRow extends TreeNode {
  readonly start: WorkflowStart;
  readonly inForce: WorkflowState;
  readonly endedAt?: UnixMilliseconds;
}

/** Returns the parties of a workflow for a record; only the id for one that never began. */
export function attributionOf(row: WorkflowRow | undefined, workflow: string) {
  if (!row) return { workflow };
  const { agent, subject, owner, task } = row.start;
  return { workflow, agent, subject, owner, task };
}

/** The workflows of one object with their mints and meters. Call every write in a transaction. */
export class WorkflowRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Returns all workflows of the object, each parent before its children. */
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

  /** Returns for whom each of these began. Leaves out those that never did. */
  parties(ids: readonly string[]): readonly WorkflowParties[] {
    return ids.flatMap((id) => {
      const row = this.find(id);
      if (!row) return [];
      const { audience, agent, subject, owner, task } = row.start;
      return [{ workflow: id, audience, agent, subject, owner, task }];
    });
  }

  /** Inserts a workflow and starts it: its first capability is about to be handed out. */
  insert(
    start: WorkflowStart,
    bounds: { ends: UnixSeconds; depth: number },
    meters: readonly Meter[],
  ) {
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

  /** Stores a decided transition. The column `state` follows when its intent is done. */
  saveLife(life: Lifecycle, now: UnixMilliseconds): void {
    const { id, state, gen, activeAt, suspendedBy, graceEnds } = life;
    this.#sql.exec(
      `UPDATE workflow SET ordered = ?, gen = ?, active_at = ?, suspended_by = ?, grace_ends = ?,
       ended_at = ? WHERE id = ?`,
      ...[state, gen, activeAt, suspendedBy ?? null, graceEnds ?? null],
      ...[isTerminal(state) ? now : null, id],
    );
  }

  /** Notes that a workflow was active. A time before the stored one changes nothing. */
  touch(id: string, activeAt: UnixSeconds): void {
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

  /** Returns the times of the newest `count` mints of a workflow, newest first. */
  newestMints(id: string, count: number): readonly UnixSeconds[] {
    return this.#sql
      .exec('SELECT at FROM mint WHERE workflow = ? ORDER BY rowid DESC LIMIT ?', id, count)
      .toArray()
      .map(({ at }) => Number(at));
  }

  mints(id: string): readonly { block: string; added: readonly Grant[] }[] {
    return this.#sql
      .exec('SELECT block, added FROM mint WHERE workflow = ? ORDER BY rowid', id)
      .toArray()
      .map(({ block, added }) => ({ block: String(block), added: ADDED.read(added) }));
  }

  /** Returns the last mints that added grants, as the deviation rules read them. */
  stepUps(id: string): readonly GrantedStepUp[] {
    return this.#sql
      .exec(
        `SELECT at, added FROM mint WHERE workflow = ? AND added <> '[]'
         ORDER BY rowid DESC LIMIT ?`,
        ...[id, RULE_STEP_UPS_MAX],
      )
      .toArray()
      .map(({ at, added }) => {
        // The row has whole seconds. A denial within the same second counts as before the mint.
        return { at: Number(at) * 1000 + 999, grants: ADDED.read(added) };
      })
      .filter(({ grants }) => grants.length > 0);
  }

  /** Returns the grants of one capability; undefined if its mint was lost. */
  granted(block: string): readonly Grant[] | undefined {
    const [row] = this.#sql.exec('SELECT grants FROM granted WHERE block = ?', block).toArray();
    return row && GRANTED.read(row.grants);
  }

  /**
   * Returns the highest tier and the smallest budgets of all mints. Stepping up must not evade a
   * bound, and a policy that was loosened since must not loosen a running workflow.
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

  #read(stored: StoredRow): WorkflowRow {
    const row = workflowTable.read(stored);
    const { id, start, parent, suspended_by, grace_ends, ended_at } = row;
    const life: Lifecycle = {
      id,
      state: row.ordered,
      gen: row.gen,
      ends: row.ends,
      idleSeconds: row.idle,
      activeAt: row.active_at,
      tokensEnd: this.#tokensEnd(start),
      ...(suspended_by !== undefined && { suspendedBy: suspended_by }),
      ...(grace_ends !== undefined && { graceEnds: grace_ends }),
    };
    return {
      start,
      life,
      inForce: row.state,
      depth: row.depth,
      ...(parent !== undefined && { parent }),
      ...(ended_at !== undefined && { endedAt: ended_at }),
      meters: this.#meters(id),
    };
  }

  #tokensEnd({ id, expires }: WorkflowStart): UnixSeconds {
    const { latest } = this.#sql
      .exec('SELECT MAX(expires) AS latest FROM mint WHERE workflow = ?', id)
      .one();
    return Math.max(expires, Number(latest ?? 0));
  }

  #meters(id: string): readonly Meter[] {
    return this.#sql
      .exec('SELECT * FROM meter WHERE workflow = ? ORDER BY key', id)
      .toArray()
      .map((stored) => {
        const { workflow: _, budget: limit, ...meter } = meterTable.read(stored);
        return { ...meter, limit };
      });
  }
}
