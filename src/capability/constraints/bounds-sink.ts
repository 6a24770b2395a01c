import { isJsonObject } from '../../canonical-json.ts';
import type { CombiningKind, Constraint } from './constraint.ts';
import { type ConstraintAuthor, eachIn, memberBoundsSink, partBoundsSink } from './kinds/index.ts';
import { normalForm } from './normal-form.ts';

/**
 * Whether a constraint limits where an argument can point, as far as its author can be trusted.
 *
 * A length, a number of elements, a number without a maximum, one good element among others, a glob
 * of stars and a wide range of addresses limit something, but not where a call goes. A pattern, a
 * glob, a prefix, a suffix and the suffix of a host count only in a policy, and only if they do not
 * match unrelated destinations. In a request none of them counts, and neither does a number without
 * a minimum. A constraint of an unknown kind bounds nothing.
 *
 * `true` for a request means that the request names the destination, not that the destination is
 * good: `{"exact": "https://evil.example/"}` bounds. Its author decides (`boundSinks`).
 */
export function boundsSink(constraint: Constraint, author: ConstraintAuthor): boolean {
  if (!isJsonObject(constraint)) return false;
  const [[name, value] = ['', undefined], ...others] = Object.entries(constraint);
  if (others.length > 0) return false;
  return Object.hasOwn(COMBINING, name)
    ? COMBINING[name as CombiningKind](value as never, author)
    : partBoundsSink(constraint, author);
}

const COMBINING: Readonly<
  Record<CombiningKind, (value: never, author: ConstraintAuthor) => boolean>
> = {
  optional: boundsSink,
  absent: () => true,
  allOf: (constraints: readonly Constraint[], author) =>
    constraints.some((one) => boundsSink(one, author)),
  present: () => false,
};

/**
 * Returns what a constraint on an array means for a member of the objects in it, by name. Without
 * these, a constraint that bounds the elements denies objects, or bounds nothing.
 */
export function boundsMember(
  constraint: Constraint,
  name: string,
  author: ConstraintAuthor,
): 'absent' | 'bounded' | 'open' {
  const parts = normalForm(constraint)?.parts ?? [];
  const each = parts.map(eachIn).filter((one) => one !== undefined);
  const isMember = (members: object) => Object.hasOwn(members, name);
  if (each.some(({ members, closed }) => closed && !isMember(members))) return 'absent';
  const isBounded = each.some(({ members }) => {
    const member = isMember(members) ? members[name] : undefined;
    return member !== undefined && memberBoundsSink(member, author);
  });
  return isBounded || boundsSink(constraint, author) ? 'bounded' : 'open';
}
