import type { ArgumentConstraints, Constraint, PresentConstraint } from './constraint.ts';
import { isAnyValue, isScalar, partsOf, textOf } from './parts.ts';
import { isWithinSet } from './sets.ts';
import { isAbsent, mayLack, memberOf, type Shape, shapeOf } from './shape.ts';

/**
 * Whether `asked` allows no call that `held` does not. Where objects are closed, that is judged by
 * what the constraints mean together; of one value by form: every part of what is held is still
 * there, or a list of values within its list, so a prefix of a prefix is refused.
 */
export function keepsConstraints(
  held: ArgumentConstraints | undefined,
  asked: ArgumentConstraints | undefined,
): boolean {
  if (held === undefined) return true;
  if (asked === undefined) return false;
  return contains(
    shapeOf(held.constraints, held.arguments),
    shapeOf(asked.constraints, asked.arguments),
  );
}

function contains(held: Shape, asked: Shape): boolean {
  if (held.kind === 'any') return true;
  if (asked.kind === 'any') return false;
  if (mayLack(asked) && !mayLack(held)) return false;
  if (isAbsent(asked)) return true;
  if (held.kind === 'value') {
    if (asked.kind === 'value') return keeps(held.constraint, asked.constraint);
    // An object is a value that is not null.
    return asked.closed && isAnyValue(held.constraint);
  }
  if (asked.kind === 'value') return !held.closed && isScalar(asked.constraint);
  if (held.closed && !asked.closed) return false;
  const names = new Set([...held.members.keys(), ...asked.members.keys()]);
  return [...names].every((name) => contains(memberOf(held, name), memberOf(asked, name)));
}

function keeps(held: Constraint, asked: Constraint): boolean {
  if (textOf(held) === textOf(asked)) return true;
  const [before, now] = [partsOf(held), partsOf(asked)];
  if (!before || !now) return false;
  const parts = new Set(now.parts.map(textOf));
  return before.parts.every(
    (part) =>
      parts.has(textOf(part)) ||
      impliesPresent(part, now.parts) ||
      now.parts.some((one) => isWithinSet(part, one)),
  );
}

/** Any value but null: what bounds the value bounds that too, unless it means null. */
const impliesPresent = (part: PresentConstraint, others: readonly PresentConstraint[]): boolean =>
  'present' in part && !others.some((other) => 'exact' in other && other.exact === null);
