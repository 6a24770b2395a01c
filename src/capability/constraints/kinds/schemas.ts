import * as v from 'valibot';
import { isJsonObject } from '../../../canonical-json.ts';
import { CONSTRAINT_ALL_MAX } from '../limits.ts';
import type { AnyKind } from './kind.ts';

/** Schemas of constraints, built from tables of kinds. */

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
