/**
 * The kinds of constraint. The entry of a kind has everything about it: its schema, its checks,
 * whether it bounds a sink, which values it lists. The parser, the compiler and the comparisons
 * read these.
 */
export { type EachConstraint, type MemberConstraint, memberBoundsSink } from './each.ts';
export type { ElementConstraint } from './element.ts';
export type { ConstraintAuthor } from './kind.ts';
export { LIST_KINDS, type ListConstraint, type ListKindName } from './list-kinds.ts';
export { type ListOrEmpty, orEmptyIn } from './or-empty.ts';
export {
  eachIn,
  elementsIn,
  isValueConstraint,
  type ListedValues,
  listedIn,
  type MembersIn,
  numberRangeOf,
  type PartConstraint,
  partBoundsSink,
  writePart,
} from './part.ts';
export type { Range } from './range.ts';
export { allOf, oneKind, schemasOf } from './schemas.ts';
export type { UrlConstraint } from './url.ts';
export { VALUE_KINDS, type ValueConstraint, type ValueKindName } from './value-kinds.ts';
