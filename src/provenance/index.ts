/** Provenance: where a value may come from, where it does come from, and what a request names. */
export type {
  Attached,
  AttachedLeaf,
  AttachedPrompt,
  IgnoredPart,
  Provenance,
} from './attached.ts';
export {
  type AttestedValue,
  argumentOrigins,
  type OriginNode,
  type Origins,
  scalarOf,
} from './origins.ts';
export { isPromptText, newPromptSalt, promptDigest } from './prompt.ts';
export { standsInRequest } from './request-text.ts';
export {
  coversOrigin,
  FIELD_AUTHORS,
  type FieldAuthor,
  type FieldPlace,
  fieldOrigins,
  originText,
  readOrigin,
  VALUE_KIND,
  type ValueOrigin,
  valueOrigin,
} from './sources.ts';
