import type { ValueBound } from '../bounds/index.ts';
import type { Json, JsonObject } from '../canonical-json.ts';
import { literalPattern, portablePattern } from './pattern.ts';

/**
 * Returns a bound as JSON Schema, in keywords that mean the same from draft 7 on. What cannot be
 * said exactly is left out.
 */
export function schemaOfBound(bound: ValueBound): JsonObject {
  const { types, values, anyOf } = bound;
  const patterns = patternsOf(bound);
  const [pattern, ...others] = patterns;
  const all: Json[] = others.map((one) => ({ pattern: one }));
  return {
    ...(types && { type: typeOf(types) }),
    ...(values && (values.length === 1 ? { const: values[0] as Json } : { enum: [...values] })),
    ...number('minimum', bound.min),
    ...number('maximum', bound.max),
    ...number('minLength', bound.lengthMin),
    ...number('maxLength', bound.lengthMax),
    ...number('minItems', bound.countMin),
    ...number('maxItems', bound.countMax),
    ...(pattern !== undefined && { pattern }),
    ...(anyOf && { anyOf: anyOf.map(schemaOfBound) }),
    ...(all.length > 0 && { allOf: all }),
  };
}

/** Whether the schema says everything that the bound does. */
export const isWhole = ({ pattern, host, anyOf = [] }: ValueBound): boolean =>
  host === undefined &&
  (pattern === undefined || portablePattern(pattern) !== undefined) &&
  anyOf.every(isWhole);

const number = (keyword: string, value: number | undefined): JsonObject =>
  value === undefined ? {} : { [keyword]: value };

function typeOf(types: NonNullable<ValueBound['types']>): Json {
  const all = types.includes('number') ? types.filter((type) => type !== 'integer') : types;
  const [only, ...others] = all;
  return only !== undefined && others.length === 0 ? only : [...all];
}

function patternsOf({ start, end, pattern, below }: ValueBound): readonly string[] {
  const whole = pattern === undefined ? undefined : portablePattern(pattern);
  return [
    ...(start === undefined ? [] : [`^${literalPattern(start)}`]),
    ...(end === undefined ? [] : [`${literalPattern(end)}$`]),
    ...(below ? [`^(?:${below.map(literalPattern).join('|')})(?:/|$)`] : []),
    ...(whole === undefined ? [] : [`^(?:${whole})$`]),
  ];
}
