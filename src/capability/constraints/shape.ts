import { pointerTo, readPointer } from '../../json-pointer.ts';
import type { Constraint, ConstraintsByPointer } from './constraint.ts';
import { normalForm } from './normal-form.ts';

/**
 * What constraints together require at one place in the arguments. A constraint on a member also
 * closes the objects around the member, unless the constraint is `absent`.
 *
 * Constraints are compared and joined as shapes, never pointer by pointer. In place of `optional`,
 * `absent` is narrower at its pointer, but may open the object around it.
 */
export type Shape =
  /** Any value, or none. */
  | { readonly kind: 'any' }
  | { readonly kind: 'value'; readonly constraint: Constraint }
  | ObjectShape;

/** What constraints require of an object, or of members that an object may have. */
export interface ObjectShape {
  readonly kind: 'object';
  /**
   * True: it must be an object with these members only. False: it may be anything or missing, but
   * if it is an object, these members must have these shapes. All of them may be missing.
   */
  readonly closed: boolean;
  readonly members: ReadonlyMap<string, Shape>;
}

const ANY: Shape = { kind: 'any' };
export const ABSENT: Shape = { kind: 'value', constraint: { absent: true } };

type Entry = readonly [segments: readonly string[], constraint: Constraint];

/**
 * Returns the shape of the arguments as a whole. `names` are the arguments that a call may pass.
 * Without it a call may pass any, as in a holder's caveat and in what a policy requires.
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
    // In a closed object, a member that is only required to be absent need not be listed.
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

/** Returns the constraints of a shape, by pointer. */
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

/** Returns the shape of the member with this name. */
export const memberOf = ({ closed, members }: ObjectShape, name: string): Shape =>
  members.get(name) ?? (closed ? ABSENT : ANY);

/** Returns whether nothing may be there. */
export const isAbsent = (shape: Shape): boolean =>
  shape.kind === 'value' && 'absent' in shape.constraint;

/** Returns whether the value may be missing. */
export function mayLack(shape: Shape): boolean {
  if (shape.kind === 'any') return true;
  if (shape.kind === 'value') return normalForm(shape.constraint)?.optional !== false;
  return !shape.closed || [...shape.members.values()].every(mayLack);
}
