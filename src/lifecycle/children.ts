import type { Budgets } from '../capability/index.ts';
import { ANCESTORS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { freshMeter, left, limitsOf, type Meter, type Meters } from './meters.ts';
import { isTerminal } from './state.ts';
import { type Lifecycle, mayMint } from './transition.ts';

export const CHILDREN_MAX = 64; // Of one root, at whatever depth: they end in one transaction.

/** A workflow in the tree of its root. */
export interface TreeNode {
  readonly life: Lifecycle;
  /** Absent for the root. */
  readonly parent?: string;
  /** How many workflows may stand below it in a line. */
  readonly depth: number;
  readonly meters: Meters;
}

/** All workflows of one root, each parent before its children. */
export type Tree = readonly TreeNode[];

const find = (tree: Tree, id: string): TreeNode | undefined =>
  tree.find(({ life }) => life.id === id);

/** The ids of the workflows above, root first, as a token names them. */
export function ancestorsOf(tree: Tree, id: string): readonly string[] {
  const parent = find(tree, id)?.parent;
  return parent === undefined ? [] : [...ancestorsOf(tree, parent), parent];
}

/** The workflow and all below it, each parent before its children. */
export const subtree = (tree: Tree, id: string): Tree =>
  tree.filter(({ life }) => life.id === id || ancestorsOf(tree, life.id).includes(id));

/** The end of the last capability of the workflow and all below it. */
export const tokensEndOf = (tree: Tree, id: string): number =>
  Math.max(0, ...subtree(tree, id).map(({ life }) => life.tokensEnd));

export type ChildRefusal =
  | { readonly code: 'parent_ended'; readonly state: string }
  | { readonly code: 'delegation_too_deep' }
  | { readonly code: 'too_many_children' }
  /** More is asked for than the parent has left. */
  | { readonly code: 'child_exceeds'; readonly meter: string; readonly left: number };

/** What a child begins with, and what is then left to its parent. */
export interface Carved {
  /** Unix seconds; never after the parent's end. */
  readonly ends: number;
  readonly depth: number;
  /** Root first, the parent last. */
  readonly ancestors: readonly string[];
  readonly meters: Meters;
  readonly parentMeters: Meters;
}

/** The bounds of a child: the most that it may have, and of it what it asked its parent for. */
export interface ChildBudgets {
  readonly budgets: Budgets;
  readonly asked?: Budgets;
}

/**
 * Carves a child out of its parent. Where the parent is bounded so is the child: by what is asked
 * for, or by half of what the parent has left, so that neither starves the other.
 */
export function carve(
  tree: Tree,
  parentId: string,
  { budgets, asked = {} }: ChildBudgets,
  now: number,
): Result<Carved, ChildRefusal> {
  const parent = find(tree, parentId);
  if (!parent || !mayMint(parent.life, now)) {
    return refuse({ code: 'parent_ended', state: parent?.life.state ?? 'unknown' });
  }
  const ancestors = [...ancestorsOf(tree, parentId), parentId];
  if (parent.depth < 1 || ancestors.length > ANCESTORS_MAX) {
    return refuse({ code: 'delegation_too_deep' });
  }
  if (tree.length > CHILDREN_MAX) return refuse({ code: 'too_many_children' });
  const [most, wanted] = [limitsOf(budgets), limitsOf(asked)];
  const shareOf = (meter: Meter): number => {
    const bound = most.get(meter.key) ?? Number.POSITIVE_INFINITY;
    return Math.min(bound, wanted.get(meter.key) ?? Math.floor(left(meter) / 2));
  };
  const given = new Map(parent.meters.map((meter) => [meter.key, shareOf(meter)]));
  const short = parent.meters.find((meter) => left(meter) < (given.get(meter.key) ?? 0));
  if (short) return refuse({ code: 'child_exceeds', meter: short.key, left: left(short) });
  return ok({
    ends: Math.min(parent.life.ends, now + (budgets.wallSeconds ?? Number.POSITIVE_INFINITY)),
    depth: Math.min(parent.depth - 1, budgets.delegationDepth ?? parent.depth - 1),
    ancestors,
    // A bound that the parent does not have is the child's own.
    meters: [...new Map([...most, ...given])].map(([key, limit]) =>
      freshMeter(key, limit, given.get(key) ?? 0),
    ),
    parentMeters: parent.meters.map((meter) => ({
      ...meter,
      carved: meter.carved + (given.get(meter.key) ?? 0),
    })),
  });
}

/**
 * The meters that change where a workflow has got a bound after those below it began: each living
 * child is given a share of it, as when it is carved out, by the remaining half. A bound of the
 * child's own becomes such a share, so that a parent's bound is never had twice.
 */
export function shareOut(tree: Tree): ReadonlyMap<string, Meters> {
  const meters = new Map(tree.map((member) => [member.life.id, member.meters]));
  const changed = new Set<string>();
  for (const { life, parent } of tree) {
    const [above, own] = [
      parent === undefined ? undefined : meters.get(parent),
      meters.get(life.id),
    ];
    if (parent === undefined || !above || !own || isTerminal(life.state)) continue;
    const shared = shareWith(above, own);
    if (!shared) continue;
    meters.set(parent, shared.above).set(life.id, shared.own);
    changed.add(parent).add(life.id);
  }
  return new Map([...meters].filter(([id]) => changed.has(id)));
}

/** Undefined where the child has a share of every bound already. */
function shareWith(above: Meters, own: Meters): { above: Meters; own: Meters } | undefined {
  const [parents, children] = [new Map(byKey(above)), new Map(byKey(own))];
  for (const [key, meter] of parents) {
    const held = children.get(key) ?? freshMeter(key, Number.POSITIVE_INFINITY, 0);
    const taken = held.used + held.carved + held.leased;
    // A share, whatever it has come to; or a bound that is used up.
    if (held.share > 0 || held.limit <= taken) continue;
    const share = Math.min(Math.floor(left(meter) / 2), held.limit - taken);
    parents.set(key, { ...meter, carved: meter.carved + share });
    children.set(key, { ...held, limit: taken + share, share });
  }
  const isSame =
    own.length === children.size && own.every((meter) => children.get(meter.key) === meter);
  return isSame ? undefined : { above: [...parents.values()], own: [...children.values()] };
}

const byKey = (meters: Meters): readonly (readonly [string, Meter])[] =>
  meters.map((meter) => [meter.key, meter] as const);

/**
 * What a child's end gives back: its share is the parent's again, but for what was used. Leases
 * that are still open count as spent. To be called once for each child, its own children first.
 */
export function giveBack(parent: Meters, child: Meters): Meters {
  const shares = new Map(child.map((meter): [string, Meter] => [meter.key, meter]));
  return parent.map((meter) => {
    const share = shares.get(meter.key);
    if (!share) return meter;
    const used = share.used + share.leased + share.carved;
    return { ...meter, carved: meter.carved - share.share, used: meter.used + used };
  });
}

/** The living workflows below one, each parent before its children. */
export const livingBelow = (tree: Tree, id: string): Tree =>
  subtree(tree, id).filter(({ life }) => life.id !== id && !isTerminal(life.state));
