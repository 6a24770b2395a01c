/**
 * Which block version a feature of Datalog needs (SPECIFICATIONS.md: v3.0 is 3, v3.3 is 6).
 *
 * Reading and writing differ in one point: the reference mints arrays, maps, `get` and a `null`
 * inside of a collection into blocks of version 3, so these are read at any version, while we write
 * the version that the specification asks for.
 */
import type { BinaryOperator, UnaryOperator } from '../datalog/index.ts';

export const BLOCK_VERSION_MIN = 3;
export const BLOCK_VERSION_MAX = 6;
/** Scopes, `check all`, bitwise operators, `!==`. */
export const BLOCK_VERSION_3_1 = 4;
/** Third-party blocks. */
export const BLOCK_VERSION_3_2 = 5;
/** `reject if`, `null`, arrays, maps, closures, extern functions, and what works on them. */
export const BLOCK_VERSION_3_3 = 6;

const OPERATOR_VERSIONS: { readonly [operator: string]: number } = {
  bitwiseAnd: BLOCK_VERSION_3_1,
  bitwiseOr: BLOCK_VERSION_3_1,
  bitwiseXor: BLOCK_VERSION_3_1,
  notEqual: BLOCK_VERSION_3_1,
  type: BLOCK_VERSION_3_3,
  heterogeneousEqual: BLOCK_VERSION_3_3,
  heterogeneousNotEqual: BLOCK_VERSION_3_3,
  lazyAnd: BLOCK_VERSION_3_3,
  lazyOr: BLOCK_VERSION_3_3,
  all: BLOCK_VERSION_3_3,
  any: BLOCK_VERSION_3_3,
  tryOr: BLOCK_VERSION_3_3,
};

/** The version that a reader asks for; a writer asks `BLOCK_VERSION_3_3` for `get` as well. */
export const operatorVersion = (operator: UnaryOperator | BinaryOperator): number =>
  OPERATOR_VERSIONS[operator] ?? BLOCK_VERSION_MIN;
