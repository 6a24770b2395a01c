import { canonicalJson, type Json } from '../../canonical-json.ts';
import type { ArgumentConstraints, Constraint, PresentConstraint } from './constraint.ts';
import { isValueConstraint } from './kinds/index.ts';
import { mayBeMissing } from './may-be-missing.ts';

/** A constraint as the parts that it consists of. A value has to meet all of them. */
export interface NormalForm {
  /** Whether the argument may be missing. */
  readonly optional: boolean;
  readonly parts: readonly PresentConstraint[];
}

/** Undefined for `absent`, which no value meets. */
export function normalForm(constraint: Constraint): NormalForm | undefined {
  if ('absent' in constraint) return undefined;
  if ('optional' in constraint) return { optional: true, parts: partsOf(constraint.optional) };
  return { optional: mayBeMissing(constraint), parts: partsOf(constraint) };
}

const partsOf = (constraint: PresentConstraint): readonly PresentConstraint[] =>
  'allOf' in constraint ? constraint.allOf : [constraint];

/** Whether it allows no object but an empty one. Any other constraint may allow one. */
export const allowsOnlyScalars = (constraint: Constraint): boolean =>
  normalForm(constraint)?.parts.some(isValueConstraint) ?? false;

/** Whether it allows every value but null. */
export const allowsAnyValue = (constraint: Constraint): boolean =>
  normalForm(constraint)?.parts.every((part) => 'present' in part) ?? false;

/** Equal for equal constraints, in whatever order their members are. */
export const canonicalText = (constraint: Constraint): string =>
  // A parsed constraint is JSON.
  canonicalJson(constraint as unknown as Json);

/** Equal for constraints that bound a call alike: the list of arguments has no order. */
export const constraintsText = (constraints: ArgumentConstraints | undefined): string => {
  if (constraints === undefined) return '';
  const whole = { ...constraints, arguments: [...constraints.arguments].sort() };
  return canonicalJson(whole as unknown as Json);
};
