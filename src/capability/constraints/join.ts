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
import { mayBeNull } from './may-be-missing.ts';
import { allowsAnyValue, allowsOnlyScalars, canonicalText, normalForm } from './normal-form.ts';
import { parseArgumentConstraints } from './parse.ts';
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

/** No value meets both constraints, or no constraint expresses both. */
export interface JoinError {
  readonly code: 'constraints_unmet';
  /** RFC 6901, into the arguments. */
  readonly pointer: string;
}

const unmet = (pointer: string): Result<never, JoinError> =>
  refuse({ code: 'constraints_unmet', pointer });

/**
 * Returns constraints that allow what both `asked` and `required` allow.
 *
 * The result is idempotent: joining `required` again changes nothing. A capability that is renewed
 * with what it was granted is therefore not narrowed by each renewal.
 */
export function joinConstraints(
  asked: ArgumentConstraints,
  required: ConstraintsByPointer,
): Result<ArgumentConstraints, JoinError | ConstraintError> {
  const whole = shapeOf(asked.constraints, asked.arguments);
  const joined = new Map(whole.members);
  for (const [name, requiredShape] of shapeOf(required).members) {
    const both = joinShapes(memberOf(whole, name), requiredShape, pointerTo('', name));
    if (!both.ok) return both;
    // An argument that no call may pass needs no further constraint.
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

type Statement = readonly [pointer: string, constraint: Constraint];

/**
 * Returns what several statements require together. Each pointer may be stated several times.
 *
 * The members of one object close it together. If the statements were joined one after the other,
 * the first would close the object to the members of the rest.
 */
export function joinRequired(
  statements: readonly Statement[],
): Result<ConstraintsByPointer, JoinError> {
  const byPointer = new Map<string, Constraint>();
  for (const [pointer, constraint] of statements) {
    const current = byPointer.get(pointer);
    const both = current === undefined ? constraint : joinTwo(current, constraint);
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

/**
 * Groups constraints so that none lies inside another of its group: an argument may be stated as a
 * whole and member by member.
 */
function layers(constraints: ReadonlyMap<string, Constraint>): readonly (readonly Statement[])[] {
  const pointers = [...constraints.keys()];
  const byDepth = new Map<number, Statement[]>();
  for (const statement of constraints) {
    const depth = pointers.filter((other) => statement[0].startsWith(`${other}/`)).length;
    byDepth.set(depth, [...(byDepth.get(depth) ?? []), statement]);
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
  // No pointer expresses "an object without members". Its absence is narrower.
  return ok(closed && members.size === 0 ? ABSENT : { kind: 'object', closed, members });
}

/** Joins a constraint on the object itself with constraints on its members. */
function joinObjectWithValue(
  object: ObjectShape,
  constraint: Constraint,
  pointer: string,
): Result<Shape, JoinError> {
  const value: Shape = { kind: 'value', constraint };
  if (!object.closed) return allowsOnlyScalars(constraint) ? ok(value) : unmet(pointer);
  if (!allowsAnyValue(constraint))
    return mayLack(object) && mayLack(value) ? ok(ABSENT) : unmet(pointer);
  // No pointer expresses that an object must be there if all of its members may be missing.
  return mayLack(object) && !mayLack(value) ? unmet(pointer) : ok(object);
}

/** Undefined if no value meets both, or no one constraint expresses both. */
function joinTwo(a: Constraint, b: Constraint): Constraint | undefined {
  if (canonicalText(a) === canonicalText(b)) return a;
  const [one, other] = [normalForm(a), normalForm(b)];
  if (!one || !other) {
    const mayBeAbsent = (one ?? other)?.optional !== false;
    return mayBeAbsent ? { absent: true } : undefined;
  }
  const parts = new Map<string, PresentConstraint>();
  for (const part of [...one.parts, ...other.parts]) {
    // `present` is any value but null: the other parts imply it, unless one of them means null.
    if (!('present' in part)) parts.set(canonicalText(part), part);
    else if (mayBeNull(one.parts) || mayBeNull(other.parts)) return undefined;
  }
  const all = [...parts.values()];
  const [first = { present: true }] = all;
  if (all.length > CONSTRAINT_ALL_MAX) return undefined;
  const joined = all.length > 1 ? ({ allOf: all } as PresentConstraint) : first;
  return one.optional && other.optional ? { optional: joined } : joined;
}
