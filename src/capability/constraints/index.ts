/** What a tool's arguments may be: constraints as data, and as checks in the token. */
export { writeCaveatConstraints, writeConstraints } from './compile.ts';
export type {
  ArgumentConstraints,
  Constraint,
  ConstraintError,
  ConstraintsByPointer,
  ElementConstraint,
  ListConstraint,
  PresentConstraint,
  Range,
  UrlConstraint,
  ValueConstraint,
} from './constraint.ts';
export { type JoinError, joinConstraints, joinRequired } from './join.ts';
export { keepsConstraints } from './keep.ts';
export { type ConstraintWarning, lintConstraint } from './lint.ts';
export { type ConstraintAuthor, leavesOpen } from './openness.ts';
export {
  argumentConstraintsSchema,
  parseArgumentConstraints,
  parseByPointer,
  parseConstraint,
} from './parse.ts';
export { constraintsText } from './parts.ts';
export { type Pinnable, type Pinned, pinSinks } from './pin.ts';
export { setOf } from './sets.ts';
export { isAbsent, mayLack, memberOf, type ObjectShape, type Shape, shapeOf } from './shape.ts';
export { type UniteError, uniteConstraints } from './unite.ts';
