import { fromUtf8 } from '../../encoding.ts';

/**
 * Strict checks of values from the network, written by hand: a schema validator was a twentieth of
 * a gateway's bundle (docs/explanation/performance.md).
 */
export type Form<T> = (value: unknown) => value is T;

/** Accepts an object with exactly these members: a missing or unknown member is rejected. */
export const exactly = <T>(members: { readonly [Name in keyof T]-?: Form<T[Name]> }): Form<T> => {
  const forms = Object.entries(members) as [keyof T & string, Form<unknown>][];
  return (value): value is T =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length === forms.length &&
    forms.every(([name, is]) => Object.hasOwn(value, name) && is((value as T)[name]));
};

export const listOf =
  <T>(lengthMax: number, is: Form<T>): Form<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.length <= lengthMax && value.every(is);

export const orNull =
  <T>(is: Form<T>): Form<T | null> =>
  (value): value is T | null =>
    value === null || is(value);

export const literally =
  <const T>(one: T): Form<T> =>
  (value): value is T =>
    value === one;

export const integer =
  (minimum: number, maximum = Number.MAX_SAFE_INTEGER): Form<number> =>
  (value): value is number =>
    Number.isSafeInteger(value) && Number(value) >= minimum && Number(value) <= maximum;

/** An integer of six bytes. As Unix seconds, that is nine million years. */
export const uint48 = (minimum: number): Form<number> => integer(minimum, 2 ** 48 - 1);

export const textUpTo =
  (unitsMax: number): Form<string> =>
  (value): value is string =>
    typeof value === 'string' && value.length <= unitsMax;

/** 32 bytes in lower-case hex. */
export const isHash: Form<string> = (value): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** Parses JSON in UTF-8. Returns undefined for any other bytes. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = fromUtf8(bytes);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
