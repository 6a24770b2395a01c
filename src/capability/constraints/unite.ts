import { readPointer } from '../../json-pointer.ts';
import { type Result, refuse } from '../../result.ts';
import type {
  ArgumentConstraints,
  Constraint,
  ConstraintError,
  ListConstraint,
  PresentConstraint,
  ValueConstraint,
} from './constraint.ts';
import { CONSTRAINT_ALL_MAX, CONSTRAINT_VALUES_MAX } from './limits.ts';
import { parseArgumentConstraints } from './parse.ts';
import { textOf } from './parts.ts';
import { setOf } from './sets.ts';

/** No one form says both what is held and what is added. */
export interface UniteError {
  readonly code: 'constraints_conflict';
  readonly pointer: string;
}

/**
 * What is held, widened by the values that one further call needs: each in the form that it is held
 * in. What bounds a value in another way, a pattern, a range or a length, stays as it is: to widen
 * that is another question. `added` is of one call (`pinSinks`).
 */
export function uniteConstraints(
  held: ArgumentConstraints,
  added: ArgumentConstraints,
): Result<ArgumentConstraints, UniteError | ConstraintError> {
  const names = [...held.arguments];
  const constraints: Record<string, Constraint> = { ...held.constraints };
  for (const name of added.arguments) {
    const [own, theirs] = [inside(held, name), inside(added, name)];
    if (!held.arguments.includes(name)) {
      // It has no place yet, and without a value it needs none.
      if (theirs.length > 0 && theirs.every(([, one]) => 'absent' in one)) continue;
      names.push(name);
      for (const [pointer, constraint] of theirs) constraints[pointer] = constraint;
      continue;
    }
    // One of the two bounds nothing of it; what is held decides.
    if (own.length === 0 || theirs.length === 0) continue;
    const [first] = theirs[0] ?? [''];
    // Constraints inside one object close it together: of two different sets neither is the union.
    const isSame = pointersOf(own) === pointersOf(theirs);
    if (!isSame) return refuse({ code: 'constraints_conflict', pointer: first });
    for (const [pointer, constraint] of theirs) {
      const united = uniteTwo(held.constraints[pointer] ?? constraint, constraint);
      if (!united) return refuse({ code: 'constraints_conflict', pointer });
      constraints[pointer] = united;
    }
  }
  return parseArgumentConstraints({ arguments: names, constraints });
}

const inside = ({ constraints }: ArgumentConstraints, name: string) =>
  Object.entries(constraints).filter(([pointer]) => readPointer(pointer)?.[0] === name);

const pointersOf = (entries: readonly (readonly [string, Constraint])[]): string =>
  entries
    .map(([pointer]) => pointer)
    .sort()
    .join(' ');

/** Undefined where one form could hold both, but for its size. */
function uniteTwo(held: Constraint, added: Constraint): Constraint | undefined {
  if (textOf(held) === textOf(added)) return held;
  if ('absent' in added) {
    return 'absent' in held || 'optional' in held ? held : { optional: held };
  }
  const value = 'optional' in added ? added.optional : added;
  if ('absent' in held) return { optional: value };
  const present = 'optional' in held ? held.optional : held;
  const united = unitePresent(present, value);
  if (!united) return undefined;
  return 'optional' in held || 'optional' in added ? { optional: united } : united;
}

function unitePresent(
  held: PresentConstraint,
  added: PresentConstraint,
): PresentConstraint | undefined {
  if (!('allOf' in held) || setOf(held)) return uniteSets(held, added);
  // What was joined to it stays: the policy's own part is joined again in any case.
  const sets = held.allOf.filter((part) => setOf(part) !== undefined);
  const [set] = sets;
  if (set === undefined || sets.length > 1) return held;
  const united = uniteSets(set, added);
  if (!united || held.allOf.length > CONSTRAINT_ALL_MAX) return undefined;
  const parts = held.allOf.map((part) => (part === set ? united : part));
  return { allOf: parts } as PresentConstraint;
}

function uniteSets(
  held: PresentConstraint,
  added: PresentConstraint,
): ValueConstraint | ListConstraint | PresentConstraint | undefined {
  const [own, theirs] = [setOf(held), setOf(added)];
  if (!own || !theirs) return held;
  const values = [...new Set([...own.values, ...theirs.values])];
  if (values.length === own.values.length) return own.kind === theirs.kind ? held : undefined;
  const isOneType = ['string', 'number'].some((type) =>
    values.every((value) => typeof value === type),
  );
  if (own.kind !== theirs.kind || !isOneType || values.length > CONSTRAINT_VALUES_MAX) {
    return undefined;
  }
  const list = values as readonly string[] | readonly number[];
  return own.kind === 'list' ? { subsetOf: list } : { oneOf: list };
}
