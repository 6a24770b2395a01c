import { readPointer } from '../../json-pointer.ts';
import { coversOrigin, type ValueOrigin } from '../../provenance/index.ts';
import { type Result, refuse } from '../../result.ts';
import type {
  ArgumentConstraints,
  Constraint,
  ConstraintError,
  PresentConstraint,
} from './constraint.ts';
import { type ListOrEmpty, orEmptyIn } from './kinds/index.ts';
import { CONSTRAINT_ALL_MAX, CONSTRAINT_ORIGINS_MAX, CONSTRAINT_VALUES_MAX } from './limits.ts';
import { listedValues } from './listed-values.ts';
import { canonicalText } from './normal-form.ts';
import { allowsOnlyNothing, orNothing } from './nothing.ts';
import { originsIn } from './origins-in.ts';
import { parseArgumentConstraints } from './parse.ts';

/** No one constraint expresses both the current values and the added ones. */
export interface UniteError {
  readonly code: 'constraints_conflict';
  /** RFC 6901, into the arguments. */
  readonly pointer: string;
}

/**
 * Returns `current`, widened by the values that one further call needs (`added`, see `pinSinks`).
 *
 * Only lists of values are widened, each in its current form. A constraint that bounds a value in
 * another way, such as a pattern, a range or a length, stays unchanged.
 */
export function uniteConstraints(
  current: ArgumentConstraints,
  added: ArgumentConstraints,
): Result<ArgumentConstraints, UniteError | ConstraintError> {
  const names = [...current.arguments];
  const constraints: Record<string, Constraint> = { ...current.constraints };
  for (const name of added.arguments) {
    const [before, additions] = [entriesIn(current, name), entriesIn(added, name)];
    if (!current.arguments.includes(name)) {
      // An argument that the call does not pass needs no place.
      if (additions.length > 0 && additions.every(([, one]) => 'absent' in one)) continue;
      names.push(name);
      for (const [pointer, constraint] of additions) constraints[pointer] = constraint;
      continue;
    }
    // If either has no constraint on the argument, the current constraints decide.
    if (before.length === 0 || additions.length === 0) continue;
    const [first] = additions[0] ?? [''];
    // Constraints on members of one object close it together: neither of two sets is their union.
    const isSame = pointersOf(before) === pointersOf(additions);
    if (!isSame) return refuse({ code: 'constraints_conflict', pointer: first });
    for (const [pointer, constraint] of additions) {
      const united = uniteTwo(current.constraints[pointer] ?? constraint, constraint);
      if (!united) return refuse({ code: 'constraints_conflict', pointer });
      constraints[pointer] = united;
    }
  }
  return parseArgumentConstraints({ arguments: names, constraints });
}

const entriesIn = ({ constraints }: ArgumentConstraints, name: string) =>
  Object.entries(constraints).filter(([pointer]) => readPointer(pointer)?.[0] === name);

const pointersOf = (entries: readonly (readonly [string, Constraint])[]): string =>
  entries
    .map(([pointer]) => pointer)
    .sort()
    .join(' ');

/** Undefined if no one constraint expresses both, or the limits on its size do not allow it. */
function uniteTwo(current: Constraint, added: Constraint): Constraint | undefined {
  if (canonicalText(current) === canonicalText(added)) return current;
  if (allowsOnlyNothing(added)) return orNothing(current, added);
  if (allowsOnlyNothing(current)) return orNothing(added, current);
  if ('absent' in current || 'absent' in added) return undefined;
  const value = 'optional' in added ? added.optional : added;
  const present = 'optional' in current ? current.optional : current;
  const united = uniteOrNothing(present, value);
  if (!united) return undefined;
  return 'optional' in current || 'optional' in added ? { optional: united } : united;
}

/** A value to which nothing was added before stays possible with nothing. */
function uniteOrNothing(
  current: PresentConstraint,
  added: PresentConstraint,
): PresentConstraint | undefined {
  const list = orEmptyIn(current);
  if (list) {
    const united = unitePresent(list, added);
    return united && isListOrEmpty(united) ? { orEmpty: united } : undefined;
  }
  if (!('anyOf' in current)) return unitePresent(current, added);
  const [value, nothing, ...others] = current.anyOf;
  const isOrNothing = others.length === 0 && nothing !== undefined && 'empty' in nothing;
  if (value === undefined || !isOrNothing) return unitePresent(current, added);
  const united = unitePresent(value, added);
  if (united === undefined) return undefined;
  return 'exact' in united || 'oneOf' in united || 'from' in united
    ? { anyOf: [united, nothing] }
    : undefined;
}

const isListOrEmpty = (one: PresentConstraint): one is ListOrEmpty =>
  'subsetOf' in one || 'every' in one || 'each' in one || 'eachHas' in one;

function unitePresent(
  current: PresentConstraint,
  added: PresentConstraint,
): PresentConstraint | undefined {
  if (!('allOf' in current) || listedValues(current)) return uniteLists(current, added);
  // Other parts stay: the policy joins its own again in any case.
  const lists = current.allOf.filter((part) => listedValues(part) !== undefined || isFrom(part));
  const [list] = lists;
  if (list === undefined || lists.length > 1) return current;
  const united = uniteLists(list, added);
  if (!united || current.allOf.length > CONSTRAINT_ALL_MAX) return undefined;
  const parts = current.allOf.map((part) => (part === list ? united : part));
  return { allOf: parts } as PresentConstraint;
}

/** Whether it says where a value, or each element of a list, may come from. */
const isFrom = (constraint: PresentConstraint): boolean =>
  'from' in constraint || ('every' in constraint && 'from' in constraint.every);

/** A value that one call needs becomes an origin of its own, beside the others. */
function uniteFrom(
  current: PresentConstraint,
  added: PresentConstraint,
): PresentConstraint | undefined {
  const [before, additions] = [originsIn(current), originsIn(added)];
  if (!before || !additions || before.isList !== additions.isList) return undefined;
  const isNew = (one: ValueOrigin) => !before.origins.some((wide) => coversOrigin(wide, one));
  const from = [...before.origins, ...additions.origins.filter(isNew)];
  if (from.length > CONSTRAINT_ORIGINS_MAX) return undefined;
  return before.isList ? { every: { from } } : { from };
}

function uniteLists(
  current: PresentConstraint,
  added: PresentConstraint,
): PresentConstraint | undefined {
  if (isFrom(current)) return uniteFrom(current, added);
  const [before, additions] = [listedValues(current), listedValues(added)];
  if (!before || !additions) return current;
  const values = [...new Set([...before.values, ...additions.values])];
  if (values.length === before.values.length) {
    return before.kind === additions.kind ? current : undefined;
  }
  const isOneType = ['string', 'number'].some((type) =>
    values.every((value) => typeof value === type),
  );
  if (before.kind !== additions.kind || !isOneType || values.length > CONSTRAINT_VALUES_MAX) {
    return undefined;
  }
  const list = values as readonly string[] | readonly number[];
  return before.kind === 'list' ? { subsetOf: list } : { oneOf: list };
}
