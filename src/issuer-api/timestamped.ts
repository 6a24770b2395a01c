import * as v from 'valibot';
import { unixMilliseconds, unixSeconds } from './values.ts';

/** The members of valibot's schemas that contain other schemas. */
interface Parts {
  readonly type: string;
  readonly pipe?: readonly v.GenericSchema[];
  readonly wrapped?: v.GenericSchema;
  readonly item?: v.GenericSchema;
  readonly value?: v.GenericSchema;
  readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  readonly options?: readonly v.GenericSchema[];
}

/** By what a number must be multiplied for `Date`. */
const UNITS: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  [unixSeconds, 1000],
  [unixMilliseconds, 1],
]);

/** The last moment that `Date` can hold. */
const DATE_MAX = 8.64e15;

/** A schema with a description is a pipe that begins with the schema itself. */
function unitOf(schema: v.GenericSchema): number | undefined {
  const { pipe } = schema as Parts & v.GenericSchema;
  return UNITS.get(schema) ?? (pipe?.[0] === undefined ? undefined : unitOf(pipe[0]));
}

/**
 * Returns an answer with each time as RFC 3339 in UTC, which needs no knowledge of its unit. The
 * schema says which numbers are times. What the schema does not describe is left as it is.
 */
export function timestamped(schema: v.GenericSchema, value: unknown): unknown {
  if (typeof value === 'number') {
    const wrapped = innermost(schema);
    const unit = unitOf(wrapped);
    return unit === undefined ? value : new Date(Math.min(value * unit, DATE_MAX)).toISOString();
  }
  if (typeof value !== 'object' || value === null) return value;
  const {
    type,
    item,
    entries,
    options,
    value: members,
  } = innermost(schema) as Parts & v.GenericSchema;
  if (type === 'union' || type === 'variant') {
    const option = options?.find((one) => v.is(one, value));
    return option === undefined ? value : timestamped(option, value);
  }
  if (Array.isArray(value)) {
    return item === undefined ? value : value.map((one) => timestamped(item, one));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      const own = entries?.[name] ?? members;
      return [name, own === undefined ? one : timestamped(own, one)];
    }),
  );
}

/** Returns the schema without `optional` and `nullable` around it. */
function innermost(schema: v.GenericSchema): v.GenericSchema {
  const { wrapped } = schema as Parts & v.GenericSchema;
  return wrapped === undefined ? schema : innermost(wrapped);
}
