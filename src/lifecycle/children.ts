import type { Budgets } from '../capability/index.ts';
import type { UnixSeconds } from '../clock.ts';
import { ANCESTORS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { freshMeter, left, limitsOf, type Meter, type Meters } from './meters.ts';
import { isTerminal } from './state.ts';
import { type Lifecycle, mayMint } from './transition.ts';

/** Below one root, at any depth: all of them end in one transaction. */
export const CHILDREN_MAX = 64;

/** A workflow in the tree below its root. */
export interface TreeNode {
  readonly life: Lifecycle;
  /** Absent for the root. */
  readonly parent?: string;
  /** How many generations of children it may still have. */
  readonly depth: number;
  readonly meters: Meters;
}

/** All workflows of one root, each parent before its children. */
export type Tree = readonly TreeNode[];

const find = (tree: Tree, id: string): TreeNode | undefined =>
  tree.find(({ life }) => life.id === id);

/** Returns the ids of the workflows above, root first, as a token names them. */
export function ancestorsOf(tree: Tree, id: string): readonly string[] {
  const parent = find(tree, id)?.parent;
  return parent === undefined ? [] : [...ancestorsOf(tree, parent), parent];
}

/** Returns the workflow and all workflows below it, each parent before its children. */
const subtree = (tree: Tree, id: string): Tree =>
  tree.filter(({ life }) => life.id === id || ancestorsOf(tree, life.id).includes(id));

/** Returns the end of the last capability of the workflow and of all below it. */
export const tokensEndOf = (tree: Tree, id: string): UnixSeconds =>
  Math.max(0, ...subtree(tree, id).map(({ life }) => life.tokensEnd));

export type ChildRefusal =
  | { readonly code: 'parent_ended'; readonly state: string }
  | { readonly code: 'delegation_too_deep' }
  | { readonly code: 'too_many_children' }
  /** The request exceeds what the parent has left. */
  | { readonly code: 'child_exceeds'; readonly meter: string; readonly left: number };

/** What a child begins with, and the meters that its parent then has. */
export interface Carved {
  /** Never after the parent's end. */
  readonly ends: UnixSeconds;
  readonly depth: number;
  /** Root first, the parent last. */
  readonly ancestors: readonly string[];
  readonly meters: Meters;
  readonly parentMeters: Meters;
}

/** The bounds of a child: the policy's maximum, and what the child requests of its parent. */
export interface ChildBudgets {
  readonly budgets: Budgets;
  readonly asked?: Budgets;
}

/**
 * Carves a child's share out of its parent. Every bound of the parent bounds the child: by the
 * requested amount, or by half of what the parent has left, so that neither starves the other.
 */
export function carve(
  tree: Tree,
  parentId: string,
  { budgets, asked = {} }: ChildBudgets,
  now: UnixSeconds,
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
    // The child keeps bounds that its parent lacks.
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
 * Returns the meters that change when a workflow gets a bound after its children began. Each living
 * child gets half of what remains, as if it were carved out now. A child's own bound becomes such a
 * share, so that the same budget is never available twice.
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

/** Returns undefined if the child already has a share of every bound. */
function shareWith(above: Meters, own: Meters): { above: Meters; own: Meters } | undefined {
  const [parents, children] = [new Map(byKey(above)), new Map(byKey(own))];
  for (const [key, meter] of parents) {
    const current = children.get(key) ?? freshMeter(key, Number.POSITIVE_INFINITY, 0);
    const spent = current.used + current.carved + current.leased;
    // It has a share already, or its own bound is used up.
    if (current.share > 0 || current.limit <= spent) continue;
    const share = Math.min(Math.floor(left(meter) / 2), current.limit - spent);
    parents.set(key, { ...meter, carved: meter.carved + share });
    children.set(key, { ...current, limit: spent + share, share });
  }
  const isSame =
    own.length === children.size && own.every((meter) => children.get(meter.key) === meter);
  return isSame ? undefined : { above: [...parents.values()], own: [...children.values()] };
}

const byKey = (meters: Meters): readonly (readonly [string, Meter])[] =>
  meters.map((meter) => [meter.key, meter] as const);

/**
 * Returns a parent's meters after a child's end: the unused part of the child's share is the
 * parent's again. Open leases count as spent. Call it once per child, its own children first.
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

/** Returns the living workflows below one, each parent before its children. */
export const livingBelow = (tree: Tree, id: string): Tree =>
  subtree(tree, id).filter(({ life }) => life.id !== id && !isTerminal(life.state));
