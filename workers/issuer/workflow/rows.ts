import type { Grant } from '../../../src/capability/index.ts';
import { readSeconds, type UnixMilliseconds, type UnixSeconds } from '../../../src/clock.ts';
import {
  type GrantedStepUp,
  isTerminal,
  type Lifecycle,
  type Meter,
  type TreeNode,
  type WorkflowState,
} from '../../../src/lifecycle/index.ts';
import type { ReadLabel, WorkflowParties, WorkflowStart } from './binding.ts';
import { WORKFLOW_IDLE_SECONDS, withoutPrompt } from './closing.ts';
import { boundsOf, type Mint, type Mints, stepUpsOf } from './mints.ts';
import { withRecentRenewals, withRenewal } from './renewals.ts';
import type { StoredRenewals, StoredWorkflow } from './tree.ts';
import type { TreeRow } from './tree-row.ts';

/** A stored workflow. `life.state` was decided; `inForce` is what the feed has. */
export interface WorkflowRow extends TreeNode {
  readonly start: WorkflowStart;
  readonly inForce: WorkflowState;
  readonly endedAt?: UnixMilliseconds;
  /** Of its last recorded mint. */
  readonly mintDigest?: string;
  readonly renewals?: StoredRenewals;
}

/** Returns the parties of a workflow for a record; only the id for one that never began. */
export function attributionOf(row: WorkflowRow | undefined, workflow: string) {
  if (!row) return { workflow };
  const { agent, subject, owner, task } = row.start;
  return { workflow, agent, subject, owner, task };
}

/** The workflows of one object with their mints and meters. Call every write in a transaction. */
export class WorkflowRows {
  readonly #tree: TreeRow;
  readonly #mints: Mints;

  constructor(tree: TreeRow, mints: Mints) {
    this.#tree = tree;
    this.#mints = mints;
  }

  /** Returns all workflows of the object, each parent before its children. */
  tree(): readonly WorkflowRow[] {
    return this.#tree.read().workflows.map(rowOf);
  }

  find(id: string): WorkflowRow | undefined {
    const stored = this.#find(id);
    return stored && rowOf(stored);
  }

  /** Returns what the workflows of the object have read, together. */
  labels(): readonly ReadLabel[] {
    return this.#tree.read().labels;
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

  /** Inserts a workflow with its first capability, and starts it. */
  insert(
    start: WorkflowStart,
    bounds: { ends: UnixSeconds; depth: number; mintedAt: UnixSeconds },
    meters: readonly Meter[],
  ) {
    const { gen, startedAt, renewWithin } = start;
    const activeAt = Math.max(startedAt, bounds.mintedAt);
    const pending: StoredWorkflow = {
      start,
      minted: bounds.mintedAt,
      state: 'pending',
      ordered: 'pending',
      gen,
      depth: bounds.depth,
      ends: bounds.ends,
      idleSeconds: WORKFLOW_IDLE_SECONDS,
      activeAt,
      ...(renewWithin !== undefined && { renewedAt: activeAt }),
      tokensEnd: start.expires,
      meters: byKey(meters),
    };
    this.#tree.change({ workflows: [...this.#tree.read().workflows, pending] });
    this.#change(start.id, (stored) => ({ ...stored, state: 'active', ordered: 'active' }));
  }

  /** Stores a decided transition. The state in force follows when its intent is done. */
  saveLife(life: Lifecycle, now: UnixMilliseconds): void {
    const { id, state, gen, activeAt, lease, suspendedBy, graceEnds } = life;
    this.#change(id, ({ suspendedBy: _by, graceEnds: _grace, endedAt: _ended, ...rest }) => ({
      ...rest,
      // The words of the user go with the workflow.
      start: isTerminal(state) ? withoutPrompt(rest.start) : rest.start,
      ordered: state,
      gen,
      activeAt,
      ...(lease && { renewedAt: lease.renewedAt }),
      ...(suspendedBy !== undefined && { suspendedBy }),
      ...(graceEnds !== undefined && { graceEnds }),
      ...(isTerminal(state) && { endedAt: now }),
    }));
  }

  /** Stores the state that the feed has. */
  saveInForce(id: string, state: WorkflowState): void {
    this.#change(id, (stored) => ({ ...stored, state }));
  }

  /** Notes that a workflow was active. A time before the stored one changes nothing. */
  touch(id: string, activeAt: UnixSeconds): void {
    this.#change(id, (stored) => ({
      ...stored,
      activeAt: Math.max(stored.activeAt, Math.floor(activeAt)),
    }));
  }

  saveMeters(id: string, meters: readonly Meter[]): void {
    const changed = new Set(meters.map(({ key }) => key));
    this.#change(id, (stored) => {
      const others = stored.meters.filter(({ key }) => !changed.has(key));
      return { ...stored, meters: byKey([...others, ...meters]) };
    });
  }

  /** Records a further capability of a workflow. */
  recordMint(mint: WorkflowStart, added: readonly Grant[]): void {
    const stored = this.#find(mint.id);
    if (!stored) throw new Error('a further capability is of a workflow that began');
    const now = readSeconds();
    const { grants, expires } = mint;
    for (const block of mint.blocks) {
      const one: Mint = { block, at: now, expires, added, grants, bounds: boundsOf(mint) };
      this.#mints.add(stored, one);
    }
    this.#change(mint.id, ({ mintDigest: _, ...before }) => ({
      ...used(before, expires, now),
      ...(mint.mintDigest !== undefined && { mintDigest: mint.mintDigest }),
    }));
  }

  /**
   * Notes a capability that repeats the last recorded one. Returns false if it does not, or if the
   * row has no room for it: then it must be recorded.
   */
  renew(mint: WorkflowStart): boolean {
    const stored = this.#find(mint.id);
    if (!stored || mint.mintDigest === undefined || mint.mintDigest !== mintDigestOf(stored))
      return false;
    const now = readSeconds();
    const last = this.#mints.of(stored).length - 1;
    const renewals = withRenewal(stored.renewals, mint, last, now);
    if (!renewals) return false;
    this.#change(mint.id, (before) => ({ ...used(before, mint.expires, now), renewals }));
    return true;
  }

  /**
   * Returns the capabilities of a workflow, oldest first: those that were recorded, and the
   * renewals that may be valid.
   */
  mints(id: string): readonly Mint[] {
    const stored = this.#find(id);
    return stored ? withRecentRenewals(this.#mints.of(stored), stored.renewals) : [];
  }

  /** Returns how many capabilities a workflow got. */
  countMints(id: string): number {
    const stored = this.#find(id);
    return stored ? this.#mints.of(stored).length + (stored.renewals?.count ?? 0) : 0;
  }

  /** Returns the last mints that added grants, as the deviation rules read them. */
  stepUps(id: string): readonly GrantedStepUp[] {
    return stepUpsOf(this.mints(id));
  }

  /** Returns the grants of one capability; undefined if its mint was lost. */
  granted(block: string): readonly Grant[] | undefined {
    const { workflows } = this.#tree.read();
    const recorded = this.#mints.find(workflows, block);
    if (recorded) return recorded.grants;
    const renewed = workflows.find(({ renewals }) =>
      renewals?.recent.some((one) => one.block === block),
    );
    return renewed && this.mints(renewed.start.id).find((mint) => mint.block === block)?.grants;
  }

  #find(id: string): StoredWorkflow | undefined {
    return this.#tree.read().workflows.find(({ start }) => start.id === id);
  }

  #change(id: string, change: (stored: StoredWorkflow) => StoredWorkflow): void {
    const { workflows } = this.#tree.read();
    const changed = workflows.map((one) => (one.start.id === id ? change(one) : one));
    this.#tree.change({ workflows: changed });
  }
}

/** Returns a workflow that got a capability. */
const used = (
  before: Omit<StoredWorkflow, 'mintDigest'>,
  expires: UnixSeconds,
  now: UnixSeconds,
): StoredWorkflow => ({
  ...before,
  activeAt: Math.max(before.activeAt, now),
  ...(before.renewedAt !== undefined && { renewedAt: Math.max(before.renewedAt, now) }),
  tokensEnd: Math.max(before.tokensEnd, expires),
});

const mintDigestOf = ({ mintDigest, start }: StoredWorkflow): string | undefined =>
  mintDigest ?? start.mintDigest;

function rowOf(stored: StoredWorkflow): WorkflowRow {
  const { start, ordered, state, gen, ends, idleSeconds, activeAt, tokensEnd } = stored;
  const { suspendedBy, graceEnds, endedAt, renewedAt, depth, meters } = stored;
  const { renewWithin } = start;
  const { renewals } = stored;
  const mintDigest = mintDigestOf(stored);
  const life: Lifecycle = {
    id: start.id,
    state: ordered,
    gen,
    ends,
    idleSeconds,
    activeAt,
    ...(renewWithin !== undefined &&
      renewedAt !== undefined && { lease: { seconds: renewWithin, renewedAt } }),
    tokensEnd,
    ...(suspendedBy !== undefined && { suspendedBy }),
    ...(graceEnds !== undefined && { graceEnds }),
  };
  return {
    start,
    life,
    inForce: state,
    depth,
    ...(start.parent !== undefined && { parent: start.parent }),
    ...(endedAt !== undefined && { endedAt }),
    ...(mintDigest !== undefined && { mintDigest }),
    ...(renewals && { renewals }),
    meters,
  };
}

/** In an order that does not depend on the order of the changes. */
const byKey = (meters: readonly Meter[]): readonly Meter[] =>
  [...meters].sort((a, b) => (a.key < b.key ? -1 : 1));
