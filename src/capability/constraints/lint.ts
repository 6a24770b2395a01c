import type { Constraint, ElementConstraint, PresentConstraint } from './constraint.ts';

/** What a constraint allows that its author has hardly meant. Nothing is refused for it. */
export interface ConstraintWarning {
  /** Where in the constraint, as in `optional.every`; empty for the whole. */
  readonly where: string;
  readonly why: string;
}

/**
 * What to ask the author of a constraint. `{"number": {"max": 50}}` also allows -9000: what is paid
 * out with a minus in front of it is a payment the other way round, or past the bound of a sum.
 */
export const lintConstraint = (constraint: Constraint): readonly ConstraintWarning[] =>
  'absent' in constraint
    ? []
    : 'optional' in constraint
      ? lintPresent(constraint.optional, ['optional'])
      : lintPresent(constraint, []);

type Part = PresentConstraint | ElementConstraint;

function lintPresent(constraint: Part, where: readonly string[]): readonly ConstraintWarning[] {
  if ('allOf' in constraint) {
    const parts: readonly Part[] = constraint.allOf;
    // One minimum is enough for all of them.
    if (parts.some((part) => minimumOf(part) !== undefined)) {
      return parts.flatMap((part) => (isNumber(part) ? [] : lintPresent(part, where)));
    }
    return parts.flatMap((part) => lintPresent(part, where));
  }
  if ('every' in constraint) return lintPresent(constraint.every, [...where, 'every']);
  if ('any' in constraint) return lintPresent(constraint.any, [...where, 'any']);
  const isOpenBelow = isNumber(constraint) && minimumOf(constraint) === undefined;
  return isOpenBelow ? [{ where: where.join('.'), why: NO_MINIMUM }] : [];
}

const NO_MINIMUM = 'no min: every negative number is allowed; say { "min": 0 } or what is meant';

const isNumber = (part: Part): boolean => 'number' in part || 'integer' in part;

function minimumOf(part: Part): number | undefined {
  if ('number' in part) return part.number.min;
  return 'integer' in part ? part.integer.min : undefined;
}
