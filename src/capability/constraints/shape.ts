import { pointerTo, readPointer } from '../../json-pointer.ts';
import type { Constraint, ConstraintsByPointer } from './constraint.ts';
import { normalForm } from './normal-form.ts';

/**
 * What constraints say of one place in the arguments, with what they say around it: a constraint on
 * a member closes the objects that hold it, unless it is an absence. Pointers are compared, joined
 * and judged as shapes, never one by one: `absent` beside `optional` at the same pointer is
 * narrower there, and opens the object around it.
 */
export type Shape =
  /** Anything, and nothing. */
  | { readonly kind: 'any' }
  | { readonly kind: 'value'; readonly constraint: Constraint }
  | ObjectShape;

export interface ObjectShape {
  readonly kind: 'object';
  /**
   * True: it is an object with no members but these. False: it is anything, nothing too, but an
   * object whose members here are other than this, and these all may be missing.
   */
  readonly closed: boolean;
  readonly members: ReadonlyMap<string, Shape>;
}

export const ANY: Shape = { kind: 'any' };
export const ABSENT: Shape = { kind: 'value', constraint: { absent: true } };

type Entry = readonly [segments: readonly string[], constraint: Constraint];

/**
 * The arguments as a whole. `names` are those that a call may bring; without it any are, as for the
 * caveat of a holder and for what a policy requires.
 */
export function shapeOf(constraints: ConstraintsByPointer, names?: readonly string[]): ObjectShape {
  const members = new Map<string, Shape>(names?.map((name) => [name, ANY]));
  const entries = Object.entries(constraints).map(
    ([pointer, constraint]): Entry => [readPointer(pointer) ?? [], constraint],
  );
  for (const [name, inside] of bySegment(entries)) members.set(name, shapeAt(inside));
  return { kind: 'object', closed: names !== undefined, members };
}

function shapeAt(entries: readonly Entry[]): Shape {
  const own = entries.find(([segments]) => segments.length === 0);
  if (own) return { kind: 'value', constraint: own[1] };
  const closed = entries.some(isNamed);
  const members = new Map<string, Shape>();
  for (const [name, inside] of bySegment(entries)) {
    // What is named by absences alone is no member of a closed object.
    if (!closed || inside.some(isNamed)) members.set(name, shapeAt(inside));
  }
  return { kind: 'object', closed, members };
}

const isNamed = ([, constraint]: Entry): boolean => !('absent' in constraint);

function bySegment(entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const [[first = '', ...rest], constraint] of entries) {
    const group = groups.get(first) ?? [];
    group.push([rest, constraint]);
    groups.set(first, group);
  }
  return groups;
}

/** The constraints of a shape, by pointer. */
export function constraintsOf(
  shape: Shape,
  pointer: string,
): readonly (readonly [pointer: string, constraint: Constraint])[] {
  if (shape.kind === 'any') return [];
  if (shape.kind === 'value') return [[pointer, shape.constraint]];
  return [...shape.members].flatMap(([name, member]) =>
    constraintsOf(member, pointerTo(pointer, name)),
  );
}

/** What an object of this shape may have under that name. */
export const memberOf = ({ closed, members }: ObjectShape, name: string): Shape =>
  members.get(name) ?? (closed ? ABSENT : ANY);

export const isAbsent = (shape: Shape): boolean =>
  shape.kind === 'value' && 'absent' in shape.constraint;

/** Whether nothing may be there. */
export function mayLack(shape: Shape): boolean {
  if (shape.kind === 'any') return true;
  if (shape.kind === 'value') return normalForm(shape.constraint)?.optional !== false;
  return !shape.closed || [...shape.members.values()].every(mayLack);
}
