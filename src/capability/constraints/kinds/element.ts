import type * as v from 'valibot';
import type { DatalogWriter } from '../../datalog.ts';
import type { Alternatives } from '../condition.ts';
import type { Place, ToolChecks } from '../tool-checks.ts';
import { from } from './from.ts';
import { type AnyValueKind, type ConstraintAuthor, type Kind, kindIn } from './kind.ts';
import { not } from './not.ts';
import { publicHost } from './public-host.ts';
import { allOf, oneKind, schemasOf } from './schemas.ts';
import { SIMPLE_KINDS } from './simple-kinds.ts';
import { alternativesOf, VALUE_KINDS, type ValueConstraint } from './value-kinds.ts';

/** A constraint on one element of an array: one that the element meets, or several of them. */
export type ElementConstraint = ValueConstraint | { readonly allOf: readonly ValueConstraint[] };

/** A constraint on an array. */
export interface ListKind<Value> extends Kind<Value> {
  readonly write: (checks: ToolChecks, place: Place, value: Value) => void;
  /** What is inside the constraint, by where it is; for warnings (lint.ts). */
  readonly elements: (value: Value) => readonly (readonly [where: string, ElementConstraint])[];
}

// Several constraints with alternatives would multiply to as many checks.
const ALL_OF = schemasOf({ ...SIMPLE_KINDS, not, from, publicHost });
export const ELEMENT_SCHEMAS = { ...schemasOf(VALUE_KINDS), allOf: allOf(oneKind(ALL_OF)) };

export const elementSchema = oneKind(ELEMENT_SCHEMAS) as v.GenericSchema<
  unknown,
  ElementConstraint
>;

/** The conditions of a parsed constraint: an element has to meet one of each. */
export const conditionsOf = (
  element: ElementConstraint,
  block: DatalogWriter,
): readonly Alternatives[] =>
  ('allOf' in element ? element.allOf : [element]).map((value) => alternativesOf(value, block));

const KINDS: Readonly<Record<string, AnyValueKind>> = VALUE_KINDS;

/** Like `boundsSink`: false for whatever is not known to bound. */
export function elementBoundsSink(element: ElementConstraint, author: ConstraintAuthor): boolean {
  if (Object.keys(element).length === 1 && 'allOf' in element) {
    return element.allOf.some((one) => elementBoundsSink(one, author));
  }
  const [kind, value] = kindIn(KINDS, element) ?? [];
  return kind?.boundsSink(value as never, author) === true;
}
