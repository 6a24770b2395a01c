import type { DatalogWriter } from '../../datalog.ts';
import type { Condition } from '../condition.ts';
import { prefix, suffix } from './affix.ts';
import { cidr } from './cidr.ts';
import { exact } from './exact.ts';
import { glob } from './glob.ts';
import { type ConstraintOf, kindIn, type SimpleKind } from './kind.ts';
import { length } from './length.ts';
import { matches } from './matches.ts';
import { integer, number } from './number.ts';
import { oneOf } from './one-of.ts';
import { pathBelow } from './path-below.ts';
import { url } from './url.ts';

/** The kinds that state one condition of a scalar. `not` and `anyOf` take these. */
export const SIMPLE_KINDS = {
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

/** A constraint of one of these kinds. */
export type SimpleConstraint = ConstraintOf<typeof SIMPLE_KINDS>;

const KINDS: Readonly<Record<string, Omit<SimpleKind<never>, 'schema'>>> = SIMPLE_KINDS;

/** The condition of a parsed constraint. */
export function simpleCondition(constraint: SimpleConstraint, block: DatalogWriter): Condition {
  const [kind, value] = kindIn(KINDS, constraint) ?? [];
  if (kind === undefined) throw new Error('a constraint of an unknown kind');
  return kind.condition(value as never, block);
}
