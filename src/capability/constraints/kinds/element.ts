import * as v from 'valibot';
import { isJsonObject } from '../../../canonical-json.ts';
import type { DatalogWriter } from '../../datalog.ts';
import type { Condition } from '../condition.ts';
import { CONSTRAINT_ALL_MAX } from '../limits.ts';
import type { Place, ToolChecks } from '../tool-checks.ts';
import {
  type AnyKind,
  type AnyValueKind,
  type ConstraintAuthor,
  type Kind,
  kindIn,
} from './kind.ts';
import { conditionOf, VALUE_KINDS, type ValueConstraint } from './value-kinds.ts';

/** A constraint on one element of an array: one that the element meets, or several of them. */
export type ElementConstraint = ValueConstraint | { readonly allOf: readonly ValueConstraint[] };

/** A constraint on an array of scalars; an array or object inside it meets none. */
export interface ListKind<Value> extends Kind<Value> {
  readonly write: (checks: ToolChecks, place: Place, value: Value) => void;
  /** What an element has to meet, if the constraint has one inside; for warnings (lint.ts). */
  readonly element: (value: Value) => ElementConstraint | undefined;
}

type Schemas = Readonly<Record<string, v.GenericSchema>>;

export const schemasOf = (kinds: Readonly<Record<string, AnyKind>>): Schemas =>
  Object.fromEntries(Object.entries(kinds).map(([name, { schema }]) => [name, schema]));

/** An object with exactly one member, whose name is one of these. */
export const oneKind = (schemas: Schemas): v.GenericSchema =>
  v.lazy((input) => {
    const [kind = '', ...others] = isJsonObject(input) ? Object.keys(input) : [];
    const schema = Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
    if (schema === undefined || others.length > 0) return v.never('not one known kind');
    return v.strictObject({ [kind]: schema });
  });

export const allOf = (schema: v.GenericSchema): v.GenericSchema =>
  v.pipe(v.array(schema), v.minLength(1), v.maxLength(CONSTRAINT_ALL_MAX));

const VALUE_SCHEMAS = schemasOf(VALUE_KINDS);

export const elementSchema = oneKind({
  ...VALUE_SCHEMAS,
  allOf: allOf(oneKind(VALUE_SCHEMAS)),
}) as v.GenericSchema<unknown, ElementConstraint>;

/** The conditions of a parsed constraint; an element has to meet all of them. */
export const conditionsOf = (
  element: ElementConstraint,
  block: DatalogWriter,
): readonly Condition[] =>
  ('allOf' in element ? element.allOf : [element]).map((value) => conditionOf(value, block));

const KINDS: Readonly<Record<string, AnyValueKind>> = VALUE_KINDS;

/** Like `boundsSink`: false for whatever is not known to bound. */
export function elementBoundsSink(element: ElementConstraint, author: ConstraintAuthor): boolean {
  if (Object.keys(element).length === 1 && 'allOf' in element) {
    return element.allOf.some((one) => elementBoundsSink(one, author));
  }
  const [kind, value] = kindIn(KINDS, element) ?? [];
  return kind?.boundsSink(value as never, author) === true;
}
