import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../../../canonical-json.ts';
import type { ArgumentType } from '../../arguments.ts';
import type { DatalogWriter } from '../../datalog.ts';
import { type Condition, micros, type Test, VARIABLES } from '../condition.ts';

/** Both ends are allowed values. Without an end it is open on that side. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

export const range = (schema: v.GenericSchema<number>): v.GenericSchema<unknown, Range> =>
  v.pipe(
    // `strictObject` accepts `[]` as an object without members: here, as a range without a bound.
    v.custom<JsonObject>(isJsonObject, 'not an object'),
    v.strictObject({ min: v.exactOptional(schema), max: v.exactOptional(schema) }),
    v.check(({ min, max }: Range) => min === undefined || max === undefined || min <= max, 'empty'),
  );

/** A range of counts, with at least one end. */
export const countRange: v.GenericSchema<unknown, Range> = v.pipe(
  range(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  v.check(({ min, max }) => min !== undefined || max !== undefined, 'without an end'),
);

export function inRange(
  fact: 'arg_micros' | 'arg_length' | 'arg_count',
  { min, max }: Range,
  types: readonly ArgumentType[],
  block: DatalogWriter,
): Condition {
  const scale = fact === 'arg_micros' ? micros : BigInt;
  const variable = VARIABLES[fact];
  const tests: Test[] = [];
  if (min !== undefined) {
    tests.push({ fact, expression: `${variable} >= ${block.parameter(scale(min))}` });
  }
  if (max !== undefined) {
    tests.push({ fact, expression: `${variable} <= ${block.parameter(scale(max))}` });
  }
  return { types, tests };
}
