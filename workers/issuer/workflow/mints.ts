import { type Grant, smallestBudgets } from '../../../src/capability/index.ts';
import type { UnixSeconds } from '../../../src/clock.ts';
import type { GrantedStepUp } from '../../../src/lifecycle/index.ts';
import type { Tables } from '../platform/on-demand.ts';
import type { WorkflowStart } from './binding.ts';
import { ADDED, BOUNDS, GRANTED } from './columns.ts';
import { mintTable } from './tables.ts';
import type { StoredWorkflow } from './tree.ts';

/** More than an agent gets within the rules' window. */
const RULE_STEP_UPS_MAX = 64;

/** The rate of mints is counted over this long. */
export const MINT_WINDOW_SECONDS = 60;

export type Bounds = Pick<WorkflowStart, 'tier' | 'budgets'>;

/** One capability of a workflow. */
export interface Mint {
  /** The revocation id of its authority block. */
  readonly block: string;
  readonly at: UnixSeconds;
  readonly expires: UnixSeconds;
  /** Grants that the workflow did not have before. */
  readonly added: readonly Grant[];
  readonly grants: readonly Grant[];
  readonly bounds: Bounds;
}

/**
 * The capabilities of the workflows of one object, oldest first. The first one of each workflow is
 * what the workflow began with, so it has no row; most workflows have no other.
 */
export class Mints {
  readonly #sql: SqlStorage;
  readonly #tables: Tables;

  constructor(sql: SqlStorage, tables: Tables) {
    this.#sql = sql;
    this.#tables = tables;
  }

  /** Stores a further capability. Call it in a transaction. */
  add({ start }: StoredWorkflow, { block, at, expires, added, grants, bounds }: Mint): void {
    this.#tables.ensure('mint');
    const text = GRANTED.write(grants);
    this.#sql.exec(
      `INSERT INTO mint (workflow, block, at, expires, added, grants, bounds)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[start.id, block, at, expires, ADDED.write(added)],
      ...[text === GRANTED.write(start.grants) ? null : text, BOUNDS.write(bounds)],
    );
  }

  of(workflow: StoredWorkflow): readonly Mint[] {
    return [...firstOf(workflow), ...this.#further(workflow)];
  }

  /** Returns the capability with this authority block; undefined if its mint was lost. */
  find(workflows: readonly StoredWorkflow[], block: string): Mint | undefined {
    for (const workflow of workflows) {
      const first = firstOf(workflow).find((mint) => mint.block === block);
      const found = first ?? this.#further(workflow, block)[0];
      if (found) return found;
    }
    return undefined;
  }

  #further(workflow: StoredWorkflow, block?: string): readonly Mint[] {
    if (!this.#tables.has('mint')) return [];
    const { id, grants } = workflow.start;
    const rows = this.#sql.exec(
      'SELECT * FROM mint WHERE workflow = ?1 AND (?2 IS NULL OR block = ?2) ORDER BY n',
      ...[id, block ?? null],
    );
    return rows.toArray().map((stored) => {
      const { n: _n, workflow: _workflow, ...mint } = mintTable.read(stored);
      return { ...mint, grants: mint.grants ?? grants };
    });
  }
}

function firstOf({ start, minted }: StoredWorkflow): readonly Mint[] {
  if (minted === undefined) return [];
  const { grants, expires, blocks } = start;
  const bounds = boundsOf(start);
  return blocks.map((block) => ({ block, at: minted, expires, added: [], grants, bounds }));
}

export const boundsOf = ({ tier, budgets }: WorkflowStart): Bounds => ({
  ...(tier !== undefined && { tier }),
  ...(budgets && { budgets }),
});

/**
 * Returns the highest tier and the smallest budgets of all mints. Stepping up must not evade a
 * bound, and a policy that was loosened since must not loosen a running workflow.
 */
export function boundsOfAll(mints: readonly Mint[]): Bounds {
  const all = mints.map(({ bounds }) => bounds);
  const [tier] = all.flatMap(({ tier: one }) => one ?? []).sort((a, b) => b - a);
  const budgets = smallestBudgets(all.flatMap(({ budgets: one }) => one ?? []));
  return { ...(tier !== undefined && { tier }), budgets };
}

/** Returns the last mints that added grants, as the deviation rules read them. */
export const stepUpsOf = (mints: readonly Mint[]): readonly GrantedStepUp[] =>
  mints
    .filter(({ added }) => added.length > 0)
    .slice(-RULE_STEP_UPS_MAX)
    .reverse()
    // A mint has whole seconds. A denial within the same second counts as before the mint.
    .map(({ at, added }) => ({ at: at * 1000 + 999, grants: added }));
