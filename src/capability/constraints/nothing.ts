import type { JsonScalar } from '../../canonical-json.ts';
import type { Constraint, PresentConstraint } from './constraint.ts';
import { EMPTY_LIST, listedValues } from './listed-values.ts';
import { mayBeMissing } from './may-be-missing.ts';
import { canonicalText } from './normal-form.ts';

/**
 * Whether a constraint allows nothing but "no value": a missing argument, null, or an empty text,
 * list or object. Frameworks send these for an argument that a model left out, so none of them is a
 * destination.
 */
export function allowsOnlyNothing(constraint: Constraint): boolean {
  if ('absent' in constraint) return true;
  const present = 'optional' in constraint ? constraint.optional : constraint;
  if ('empty' in present) return true;
  if ('exact' in present) return present.exact === null || present.exact === '';
  return canonicalText(present) === canonicalText(EMPTY_LIST);
}

/**
 * Returns the values that an argument may have, if its constraint lists them. To have no value does
 * not count as one.
 */
export function valuesAllowed(constraint: Constraint): readonly JsonScalar[] | undefined {
  if ('absent' in constraint || allowsOnlyNothing(constraint)) return [];
  const present = 'optional' in constraint ? constraint.optional : constraint;
  if ('anyOf' in present) {
    const lists = present.anyOf.map((one) => valuesAllowed(one));
    return lists.every((list) => list !== undefined) ? lists.flat() : undefined;
  }
  const parts: readonly PresentConstraint[] = 'allOf' in present ? present.allOf : [present];
  const lists = parts.flatMap((part) => listedValues(part) ?? []);
  // With two lists on one argument, neither is the list of what it may be.
  return lists.length === 1 ? lists[0]?.values : undefined;
}

/**
 * Returns a constraint that allows what `constraint` allows, and what `nothing` allows, of which
 * `allowsOnlyNothing` holds. Null is not added to a list of values. Undefined if no constraint
 * expresses the rest.
 */
export function orNothing(constraint: Constraint, nothing: Constraint): Constraint | undefined {
  if (canonicalText(constraint) === canonicalText(nothing)) return constraint;
  if (allowsOnlyNothing(constraint)) return { empty: true };
  if ('absent' in constraint) return undefined;
  const whole = 'absent' in nothing ? constraint : presentOrEmpty(constraint);
  if (whole === undefined || !mayBeMissing(nothing) || mayBeMissing(whole)) return whole;
  return { optional: whole as PresentConstraint };
}

/** The same for null, an empty text, an empty list or an empty object. */
function presentOrEmpty(constraint: Constraint): Constraint | undefined {
  const present = 'optional' in constraint ? constraint.optional : constraint;
  if ('subsetOf' in present || 'orEmpty' in present) return constraint;
  if ('exact' in present || 'oneOf' in present || 'from' in present) {
    return { anyOf: [present, { empty: true }] };
  }
  const isOrEmpty = 'anyOf' in present && present.anyOf.some((one) => 'empty' in one);
  return isOrEmpty ? constraint : undefined;
}
