import type { DatalogWriter } from '../../datalog.ts';
import type { Condition } from '../condition.ts';
import { prefix, suffix } from './affix.ts';
import { cidr } from './cidr.ts';
import { exact } from './exact.ts';
import { glob } from './glob.ts';
import { type AnyValueKind, type ConstraintOf, kindIn } from './kind.ts';
import { length } from './length.ts';
import { matches } from './matches.ts';
import { integer, number } from './number.ts';
import { oneOf } from './one-of.ts';
import { pathBelow } from './path-below.ts';
import { url } from './url.ts';

/**
 * The kinds of constraint on one scalar. A kind is added here; the compiler then names its row in
 * the documentation and its samples for fuzzing.
 */
export const VALUE_KINDS = {
  /** This value, of this type. Text is compared code point by code point, never folded. */
  exact,
  /** One of these values: all strings or all numbers. */
  oneOf,
  /** Text that starts with this. */
  prefix,
  /** Text that ends with this. */
  suffix,
  /** A path: `*` is any run of characters in one segment, `**` any number of segments. */
  glob,
  /** This path or one below it, by whole segments. */
  pathBelow,
  /** An absolute URL. */
  url,
  /** One IP address in one of these ranges. */
  cidr,
  /** A number in this range: in units, with up to six decimals. */
  number,
  /** An integer in this range. */
  integer,
  /** Text of this length, in code points. */
  length,
  /** Text that this regular expression of the engine's linear-time subset matches as a whole. */
  matches,
};

export type ValueKindName = keyof typeof VALUE_KINDS;

/**
 * A constraint on one scalar: an object with one member of `VALUE_KINDS`, such as
 * `{ exact: 'GB1' }`, `{ oneOf: [1, 2] }`, `{ prefix: 'GB' }` or `{ number: { min: 0, max: 50 } }`.
 * docs/reference/constraints.md lists all kinds and what each enforces.
 */
export type ValueConstraint = ConstraintOf<typeof VALUE_KINDS>;

const KINDS: Readonly<Record<string, AnyValueKind>> = VALUE_KINDS;

/** The condition of a parsed constraint. */
export function conditionOf(constraint: ValueConstraint, block: DatalogWriter): Condition {
  const [kind, value] = kindIn(KINDS, constraint) ?? [];
  if (kind === undefined) throw new Error('a constraint of an unknown kind');
  return kind.condition(value as never, block);
}
