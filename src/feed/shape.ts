import { fromUtf8 } from '../encoding.ts';

/**
 * Strict forms of what comes from the network, by hand: a validator of schemas was a twentieth of
 * what a gateway loads (docs/performance.md).
 */

/** Undefined where the bytes are not JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = fromUtf8(bytes);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The members of an object that has exactly these and no others; undefined for all else. */
export function exactMembers<Name extends string>(
  value: unknown,
  names: readonly Name[],
): Readonly<Record<Name, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const isExact =
    Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));
  return isExact ? (value as Readonly<Record<Name, unknown>>) : undefined;
}

export const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);

export const isIntegerFrom = (value: unknown, minimum: number): value is number =>
  isInteger(value) && value >= minimum;

/** What six bytes hold: as Unix seconds, nine million years. */
export const isUint48From = (value: unknown, minimum: number): value is number =>
  isIntegerFrom(value, minimum) && value < 2 ** 48;

/** UTF-16 units. */
export const isTextUpTo = (value: unknown, unitsMax: number): value is string =>
  typeof value === 'string' && value.length <= unitsMax;
