/** What a tool's arguments may be: constraints as data, and as checks in the token. */
export { boundsMember, boundsSink } from './bounds-sink.ts';
export { writeCaveatConstraints, writeConstraints } from './compile.ts';
export type {
  ArgumentConstraints,
  Constraint,
  ConstraintError,
  ConstraintKind,
  ConstraintsByPointer,
  PresentConstraint,
} from './constraint.ts';
export { coversConstraints } from './covers-constraints.ts';
export { type JoinError, joinConstraints, joinRequired } from './join.ts';
export type {
  ConstraintAuthor,
  ElementConstraint,
  ListConstraint,
  Range,
  UrlConstraint,
  ValueConstraint,
} from './kinds/index.ts';
export { type ConstraintWarning, lintConstraint } from './lint.ts';
export { listedValues } from './listed-values.ts';
export { constraintsText } from './normal-form.ts';
export { allowsOnlyNothing, valuesAllowed } from './nothing.ts';
export { originsAllowed } from './origins-allowed.ts';
export {
  argumentConstraintsSchema,
  parseArgumentConstraints,
  parseByPointer,
  parseConstraint,
} from './parse.ts';
export { type Pinnable, type Pinned, pinSinks } from './pin-sinks.ts';
export { isAbsent, mayLack, memberOf, type ObjectShape, type Shape, shapeOf } from './shape.ts';
export { type UniteError, uniteConstraints } from './unite.ts';
