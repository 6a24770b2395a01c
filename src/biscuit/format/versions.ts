/**
 * The block version that each feature of Datalog needs (SPECIFICATIONS.md: v3.0 is 3, v3.3 is 6).
 *
 * Reading and writing differ in one point. The reference mints arrays, maps, `get` and `null`
 * inside a collection into blocks of version 3, so we read these in any version. We write the
 * version that the specification requires.
 */
import type { BinaryOperator, UnaryOperator } from '../datalog/index.ts';

export const BLOCK_VERSION_MIN = 3;
export const BLOCK_VERSION_MAX = 6;
/** Scopes, `check all`, bitwise operators, `!==`. */
export const BLOCK_VERSION_3_1 = 4;
/** Third-party blocks. */
export const BLOCK_VERSION_3_2 = 5;
/** `reject if`, `null`, arrays, maps, closures, extern functions, and the operators on them. */
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

/** The version that a reader requires. A writer requires `BLOCK_VERSION_3_3` for `get` as well. */
export const operatorVersion = (operator: UnaryOperator | BinaryOperator): number =>
  OPERATOR_VERSIONS[operator] ?? BLOCK_VERSION_MIN;
