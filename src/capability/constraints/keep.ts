import type { ArgumentConstraints, Constraint, PresentConstraint } from './constraint.ts';
import { argumentAt, partsOf, textOf } from './parts.ts';

/**
 * Whether `asked` has all that `held` has, and perhaps more, so that it allows no call that `held`
 * does not. By its form alone: what would be narrower by its meaning, a prefix of a prefix, is not.
 */
export function keepsConstraints(
  held: ArgumentConstraints | undefined,
  asked: ArgumentConstraints | undefined,
): boolean {
  if (held === undefined) return true;
  if (asked === undefined) return false;
  if (!asked.arguments.every((name) => held.arguments.includes(name))) return false;
  const isKept = Object.entries(held.constraints).every(([pointer, constraint]) => {
    // An argument that no call may bring meets what lets it lack, and nothing else.
    if (!asked.arguments.includes(argumentAt(pointer))) {
      return partsOf(constraint)?.optional !== false;
    }
    const own = Object.hasOwn(asked.constraints, pointer) ? asked.constraints[pointer] : undefined;
    return own !== undefined && keeps(constraint, own);
  });
  // A further constraint inside an object that `held` has closed opens a member of it.
  const closed = Object.keys(held.constraints).map(argumentAt);
  const isOpening = Object.keys(asked.constraints).some(
    (pointer) => !Object.hasOwn(held.constraints, pointer) && closed.includes(argumentAt(pointer)),
  );
  return isKept && !isOpening;
}

function keeps(held: Constraint, asked: Constraint): boolean {
  if (textOf(held) === textOf(asked)) return true;
  const [before, now] = [partsOf(held), partsOf(asked)];
  if (!before) return false;
  if (!now) return before.optional;
  if (now.optional && !before.optional) return false;
  const parts = new Set(now.parts.map(textOf));
  return before.parts.every((part) => parts.has(textOf(part)) || impliesPresent(part, now.parts));
}

/** Any value but null: what bounds the value bounds that too, unless it means null. */
const impliesPresent = (part: PresentConstraint, others: readonly PresentConstraint[]): boolean =>
  'present' in part && !others.some((other) => 'exact' in other && other.exact === null);
