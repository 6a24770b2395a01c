import * as v from 'valibot';

/** A higher limit would never refuse a request. */
const PER_MINUTE_MAX = 10_000_000;

const perMinute = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(PER_MINUTE_MAX));

/**
 * Returns the defaults, with the limits that `json` states in their place. Returns undefined unless
 * it is an object of known limits, so that a misspelt one is a fault and not the default.
 */
export function readRates<Limits extends Readonly<Record<string, number>>>(
  json: unknown,
  defaults: Limits,
): Limits | undefined {
  const members = Object.keys(defaults).map((name) => [name, v.exactOptional(perMinute)]);
  const schema = v.strictObject(Object.fromEntries(members));
  // A schema of objects accepts an array as an object without members.
  const parsed = v.safeParse(schema, Array.isArray(json) ? undefined : json);
  return parsed.success ? { ...defaults, ...(parsed.output as Partial<Limits>) } : undefined;
}

/** An HTTP field name (RFC 9110 section 5.1). */
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/i;

/**
 * Returns the header of the source address, which is optional; undefined if the name is not valid.
 */
export const readHeaderName = (
  name: string | undefined,
): { readonly name: string | undefined } | undefined =>
  name === undefined || HEADER_NAME.test(name) ? { name } : undefined;
