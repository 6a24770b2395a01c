import type { ArgumentConstraints, Constraint, PresentConstraint } from './constraint.ts';
import { coversListed } from './listed-values.ts';
import { allowsAnyValue, allowsOnlyScalars, canonicalText, normalForm } from './normal-form.ts';
import { isAbsent, mayLack, memberOf, type Shape, shapeOf } from './shape.ts';

/**
 * Returns whether `asked` allows only calls that `granted` allows.
 *
 * Closed objects are compared by what their constraints mean together. A single value is compared
 * by form: `asked` must repeat every part of `granted`, or list only values that `granted` lists. A
 * prefix of a prefix is therefore not covered, although it is narrower.
 */
export function coversConstraints(
  granted: ArgumentConstraints | undefined,
  asked: ArgumentConstraints | undefined,
): boolean {
  if (granted === undefined) return true;
  if (asked === undefined) return false;
  return coversShape(
    shapeOf(granted.constraints, granted.arguments),
    shapeOf(asked.constraints, asked.arguments),
  );
}

function coversShape(granted: Shape, asked: Shape): boolean {
  if (granted.kind === 'any') return true;
  if (asked.kind === 'any') return false;
  if (mayLack(asked) && !mayLack(granted)) return false;
  if (isAbsent(asked)) return true;
  if (granted.kind === 'value') {
    if (asked.kind === 'value') return coversValue(granted.constraint, asked.constraint);
    // An object is a value that is not null.
    return asked.closed && allowsAnyValue(granted.constraint);
  }
  if (asked.kind === 'value') return !granted.closed && allowsOnlyScalars(asked.constraint);
  if (granted.closed && !asked.closed) return false;
  const names = new Set([...granted.members.keys(), ...asked.members.keys()]);
  return [...names].every((name) => coversShape(memberOf(granted, name), memberOf(asked, name)));
}

function coversValue(granted: Constraint, asked: Constraint): boolean {
  if (canonicalText(granted) === canonicalText(asked)) return true;
  const [outer, inner] = [normalForm(granted), normalForm(asked)];
  if (!outer || !inner) return false;
  const repeated = new Set(inner.parts.map(canonicalText));
  return outer.parts.every(
    (part) =>
      repeated.has(canonicalText(part)) ||
      impliesPresent(part, inner.parts) ||
      inner.parts.some((one) => coversListed(part, one)),
  );
}

/** `present` is any value but null, which every other part implies, unless one means null. */
const impliesPresent = (part: PresentConstraint, others: readonly PresentConstraint[]): boolean =>
  'present' in part && !others.some((other) => 'exact' in other && other.exact === null);
