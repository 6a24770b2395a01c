/**
 * The kinds of constraint. The entry of a kind has everything about it: its schema, its checks,
 * whether it bounds a sink, which values it lists. The parser, the compiler and the comparisons
 * read these.
 */
export {
  allOf,
  type ElementConstraint,
  oneKind,
  schemasOf,
} from './element.ts';
export type { ConstraintAuthor } from './kind.ts';
export { LIST_KINDS, type ListConstraint, type ListKindName } from './list-kinds.ts';
export {
  elementIn,
  isValueConstraint,
  type ListedValues,
  listedIn,
  numberRangeOf,
  type PartConstraint,
  partBoundsSink,
  writePart,
} from './part.ts';
export type { Range } from './range.ts';
export type { UrlConstraint } from './url.ts';
export { VALUE_KINDS, type ValueConstraint, type ValueKindName } from './value-kinds.ts';
