import * as v from 'valibot';

/** Beyond this a limit is none. */
const PER_MINUTE_MAX = 10_000_000;

const perMinute = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(PER_MINUTE_MAX));

/**
 * Limits as a deployment changes them: the defaults, with those that `json` states. Undefined for
 * what is not exactly an object of known limits, so that a misspelt one is a fault and not the
 * default.
 */
export function readRates<Limits extends Readonly<Record<string, number>>>(
  json: unknown,
  defaults: Limits,
): Limits | undefined {
  const members = Object.keys(defaults).map((name) => [name, v.exactOptional(perMinute)]);
  const schema = v.strictObject(Object.fromEntries(members));
  // A schema of objects takes a list for an object without members.
  const parsed = v.safeParse(schema, Array.isArray(json) ? undefined : json);
  return parsed.success ? { ...defaults, ...(parsed.output as Partial<Limits>) } : undefined;
}

/** An HTTP field name (RFC 9110 section 5.1). */
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/i;

/** The header of the source address, which a deployment may leave out; undefined for no name. */
export const readHeaderName = (
  name: string | undefined,
): { readonly name: string | undefined } | undefined =>
  name === undefined || HEADER_NAME.test(name) ? { name } : undefined;
