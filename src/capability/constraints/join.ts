import { CONSTRAINT_ALL_MAX } from '../../limits.ts';
import { type Result, refuse } from '../../result.ts';
import type {
  ArgumentConstraints,
  Constraint,
  ConstraintError,
  ConstraintsByPointer,
  PresentConstraint,
} from './constraint.ts';
import { parseArgumentConstraints } from './parse.ts';
import { argumentAt, partsOf, textOf } from './parts.ts';

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
  const joined: Record<string, Constraint> = { ...asked.constraints };
  for (const [pointer, constraint] of Object.entries(required)) {
    const name = argumentAt(pointer);
    if (!asked.arguments.includes(name)) {
      // Nothing may be there, which is all that an optional one or an absence wants.
      if ('optional' in constraint || 'absent' in constraint) continue;
      return unmet(pointer);
    }
    // Constraints inside one object close it together, and joined would close it less.
    const [own, theirs] = [pointersIn(asked.constraints, name), pointersIn(required, name)];
    if (own !== '' && own !== theirs) return unmet(pointer);
    const held = Object.hasOwn(joined, pointer) ? joined[pointer] : undefined;
    const both = held === undefined ? constraint : joinTwo(held, constraint);
    if (both === undefined) return unmet(pointer);
    joined[pointer] = both;
  }
  return parseArgumentConstraints({ arguments: asked.arguments, constraints: joined });
}

const pointersIn = (constraints: ConstraintsByPointer, name: string): string =>
  Object.keys(constraints)
    .filter((pointer) => argumentAt(pointer) === name)
    .sort()
    .join(' ');

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
