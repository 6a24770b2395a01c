import { readOrigin, type ValueOrigin } from '../../provenance/index.ts';
import type { Constraint, PresentConstraint } from './constraint.ts';
import { type ElementConstraint, elementsIn, numberRangeOf } from './kinds/index.ts';

/** Something that a constraint allows and its author hardly meant. It is not refused. */
export interface ConstraintWarning {
  /** Where in the constraint, as in `optional.every`; empty for the whole. */
  readonly where: string;
  readonly why: string;
}

/**
 * Returns what to ask the author of a constraint. `{"number": {"max": 50}}` also allows -9000: a
 * negative payment is a payment in the other direction, and gets past the bound of a sum.
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
    const hasMinimum = parts.some((part) => numberRangeOf(part)?.min !== undefined);
    return parts
      .filter((part) => !(hasMinimum && numberRangeOf(part)))
      .flatMap((part) => lintPresent(part, where));
  }
  if ('anyOf' in constraint) {
    return constraint.anyOf.flatMap((one) => lintPresent(one, [...where, 'anyOf']));
  }
  const inside = elementsIn(constraint);
  if (inside.length > 0) {
    return inside.flatMap(([place, element]) => lintPresent(element, [...where, ...place]));
  }
  if ('from' in constraint) return lintFrom(constraint.from, where.join('.'));
  const numbers = numberRangeOf(constraint);
  return numbers && numbers.min === undefined ? [{ where: where.join('.'), why: NO_MINIMUM }] : [];
}

/** Anyone who sends something is a peer, and chooses the value. */
const lintFrom = (origins: readonly ValueOrigin[], where: string): readonly ConstraintWarning[] =>
  origins.flatMap((origin) => {
    const read = readOrigin(origin);
    if (read?.kind !== 'field' || read.by !== 'peer' || read.named) return [];
    return [{ where, why: `any stranger is a peer: write "peer:${read.of} named"` }];
  });

const NO_MINIMUM =
  'no min: every negative number is allowed; add { "min": 0 }, or the minimum that you mean';
