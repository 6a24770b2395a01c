import { each } from './each.ts';
import { eachHas } from './each-has.ts';
import type { ConstraintOf } from './kind.ts';
import { any, count, every, subsetOf } from './lists.ts';
import { orEmpty } from './or-empty.ts';

/** The kinds of constraint on an array. A kind is added here, as in `VALUE_KINDS`. */
export const LIST_KINDS = {
  /** Each element is one of these values. The empty list is a subset. */
  subsetOf,
  /** Each element meets this. The array may be empty. */
  every,
  /** At least one element meets this. It says nothing about the others. */
  any,
  /** Each element is an object with these members only, each of which meets its constraint. */
  each,
  /** Each element is an object with these members, each of which meets its constraint. */
  eachHas,
  /** Nothing, or an array that meets one of the constraints above except `any`. */
  orEmpty,
  /** The number of elements. */
  count,
};

export type ListKindName = keyof typeof LIST_KINDS;

/**
 * A constraint on an array: an object with one member of `LIST_KINDS`, such as
 * `{ subsetOf: ['a', 'b'] }`, `{ every: { suffix: '@acme.example' } }` or `{ count: { max: 5 } }`.
 */
export type ListConstraint = ConstraintOf<typeof LIST_KINDS>;
