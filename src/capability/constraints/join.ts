import { pointerTo } from '../../json-pointer.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type {
  ArgumentConstraints,
  Constraint,
  ConstraintError,
  ConstraintsByPointer,
  PresentConstraint,
} from './constraint.ts';
import { CONSTRAINT_ALL_MAX } from './limits.ts';
import { parseArgumentConstraints } from './parse.ts';
import { isAnyValue, isScalar, partsOf, textOf } from './parts.ts';
import {
  ABSENT,
  constraintsOf,
  isAbsent,
  mayLack,
  memberOf,
  type ObjectShape,
  type Shape,
  shapeOf,
} from './shape.ts';

/** What is asked for leaves nothing that also meets what is required, or no form can say both. */
export interface JoinError {
  readonly code: 'constraints_unmet';
  readonly pointer: string;
}

const unmet = (pointer: string): Result<never, JoinError> =>
  refuse({ code: 'constraints_unmet', pointer });

/**
 * Constraints that allow what both allow, in a form that is the same however often `required` is
 * joined: a capability that is renewed with what it was granted is not narrowed by each renewal.
 */
export function joinConstraints(
  asked: ArgumentConstraints,
  required: ConstraintsByPointer,
): Result<ArgumentConstraints, JoinError | ConstraintError> {
  const whole = shapeOf(asked.constraints, asked.arguments);
  const joined = new Map(whole.members);
  for (const [name, theirs] of shapeOf(required).members) {
    const both = joinShapes(memberOf(whole, name), theirs, pointerTo('', name));
    if (!both.ok) return both;
    // Of an argument that no call may bring, nothing is left to say.
    if (joined.has(name)) joined.set(name, both.value);
  }
  const constraints = [...joined].flatMap(([name, shape]) =>
    constraintsOf(shape, pointerTo('', name)),
  );
  return parseArgumentConstraints({
    arguments: asked.arguments,
    constraints: Object.fromEntries(constraints),
  });
}

type Stated = readonly [pointer: string, constraint: Constraint];

/**
 * What several statements require together. Each pointer may be stated several times, and those in
 * one object close it together: joined one after the other, the first would close it to the rest.
 */
export function joinRequired(stated: readonly Stated[]): Result<ConstraintsByPointer, JoinError> {
  const byPointer = new Map<string, Constraint>();
  for (const [pointer, constraint] of stated) {
    const held = byPointer.get(pointer);
    const both = held === undefined ? constraint : joinTwo(held, constraint);
    if (both === undefined) return unmet(pointer);
    byPointer.set(pointer, both);
  }
  let whole: Shape = { kind: 'any' };
  for (const layer of layers(byPointer)) {
    const both = joinShapes(whole, shapeOf(Object.fromEntries(layer)), '');
    if (!both.ok) return both;
    whole = both.value;
  }
  return ok(Object.fromEntries(constraintsOf(whole, '')));
}

/** None inside another of its layer: an argument may be stated as a whole and member by member. */
function layers(constraints: ReadonlyMap<string, Constraint>): readonly (readonly Stated[])[] {
  const pointers = [...constraints.keys()];
  const byDepth = new Map<number, Stated[]>();
  for (const stated of constraints) {
    const depth = pointers.filter((other) => stated[0].startsWith(`${other}/`)).length;
    byDepth.set(depth, [...(byDepth.get(depth) ?? []), stated]);
  }
  return [...byDepth.values()];
}

function joinShapes(a: Shape, b: Shape, pointer: string): Result<Shape, JoinError> {
  if (a.kind === 'any') return ok(b);
  if (b.kind === 'any') return ok(a);
  if (isAbsent(a) || isAbsent(b)) return mayLack(a) && mayLack(b) ? ok(ABSENT) : unmet(pointer);
  if (a.kind === 'object') {
    return b.kind === 'object'
      ? joinObjects(a, b, pointer)
      : joinObjectWithValue(a, b.constraint, pointer);
  }
  if (b.kind === 'object') return joinObjectWithValue(b, a.constraint, pointer);
  const constraint = joinTwo(a.constraint, b.constraint);
  return constraint === undefined ? unmet(pointer) : ok({ kind: 'value', constraint });
}

function joinObjects(a: ObjectShape, b: ObjectShape, pointer: string): Result<Shape, JoinError> {
  const closed = a.closed || b.closed;
  const members = new Map<string, Shape>();
  for (const name of new Set([...a.members.keys(), ...b.members.keys()])) {
    const both = joinShapes(memberOf(a, name), memberOf(b, name), pointerTo(pointer, name));
    if (!both.ok) return both;
    if (!closed || !isAbsent(both.value)) members.set(name, both.value);
  }
  // No pointer says "an object without members", and nothing at all is less than that.
  return ok(closed && members.size === 0 ? ABSENT : { kind: 'object', closed, members });
}

/** A constraint on the object itself beside constraints on what is in it. */
function joinObjectWithValue(
  object: ObjectShape,
  constraint: Constraint,
  pointer: string,
): Result<Shape, JoinError> {
  const value: Shape = { kind: 'value', constraint };
  if (!object.closed) return isScalar(constraint) ? ok(value) : unmet(pointer);
  if (!isAnyValue(constraint))
    return mayLack(object) && mayLack(value) ? ok(ABSENT) : unmet(pointer);
  // No pointer says of an object that it must be there when all of its members may be missing.
  return mayLack(object) && !mayLack(value) ? unmet(pointer) : ok(object);
}

/** Undefined where no value meets both, or one form cannot hold both. */
function joinTwo(a: Constraint, b: Constraint): Constraint | undefined {
  if (textOf(a) === textOf(b)) return a;
  const [one, other] = [partsOf(a), partsOf(b)];
  if (!one || !other) {
    const isLax = (one ?? other)?.optional !== false;
    return isLax ? { absent: true } : undefined;
  }
  const parts = new Map<string, PresentConstraint>();
  for (const part of [...one.parts, ...other.parts]) {
    // Any value but null, which only one of the others could mean.
    if (!('present' in part)) parts.set(textOf(part), part);
    else if (isNullMeant(one.parts) || isNullMeant(other.parts)) return undefined;
  }
  const all = [...parts.values()];
  const [first = { present: true }] = all;
  if (all.length > CONSTRAINT_ALL_MAX) return undefined;
  const joined = all.length > 1 ? ({ allOf: all } as PresentConstraint) : first;
  return one.optional && other.optional ? { optional: joined } : joined;
}

const isNullMeant = (parts: readonly PresentConstraint[]): boolean =>
  parts.some((part) => 'exact' in part && part.exact === null);
