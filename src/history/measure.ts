import { canonicalJson, isJsonObject, type Json } from '../canonical-json.ts';
import { toMicros } from '../capability/index.ts';
import { toHex, utf8 } from '../encoding.ts';
import { EACH_ELEMENT, readPointer } from '../json-pointer.ts';
import { sha256 } from '../tlog/index.ts';

/** Of one argument of one call: a list of more recipients is a mailing, and needs its own tool. */
export const MEASURED_VALUES_MAX = 64;
/** Half of SHA-256. No one gains by two values that count as one and cost 2^64 hashes to find. */
const VALUE_DIGEST_CHARACTERS = 32;

/** What a verifier states of an argument that rules over history read. */
export interface Measured {
  /**
   * A digest of each value. The object that remembers them need not know whom someone paid, and
   * each takes the same room.
   */
  readonly values: readonly string[];
  /**
   * The sum of the values in millionths. It is absent if one is negative or not an exact number.
   */
  readonly micros?: number;
}

/** What a verifier states of a call, by the pointers that the issuer named. Null: no value. */
export type Measurements = Readonly<Record<string, Measured | null>>;

/**
 * Measures arguments at pointers, in which `*` is every element of an array. There is no value that
 * counts at a pointer to nothing, to null, to an object or an array, or to over
 * `MEASURED_VALUES_MAX` values.
 */
export const measure = (args: unknown, pointers: readonly string[]): Measurements =>
  Object.fromEntries(
    pointers.map((pointer) => [pointer, measureOne(args, readPointer(pointer) ?? [])]),
  );

function measureOne(args: unknown, segments: readonly string[]): Measured | null {
  if (segments.length === 0) return null;
  const found = valuesAt(args, segments, MEASURED_VALUES_MAX + 1);
  // A list may be empty or left out, and then the call has no value. Any other argument may not.
  const isList = segments.includes(EACH_ELEMENT);
  if (!isList && found.length !== 1) return null;
  if (found.length > MEASURED_VALUES_MAX || !found.every(isScalar)) return null;
  const micros = sumOf(found);
  return { values: found.map(digestOf), ...(micros !== undefined && { micros }) };
}

/** Stops at `most` values: the caller refuses more anyway. */
function valuesAt(value: unknown, segments: readonly string[], most: number): readonly unknown[] {
  const [segment, ...rest] = segments;
  if (segment === undefined) return value === undefined ? [] : [value];
  if (Array.isArray(value)) {
    if (segment !== EACH_ELEMENT) return valuesAt(value[Number(segment)], rest, most);
    const found: unknown[] = [];
    for (const element of value) {
      if (found.length >= most) break;
      found.push(...valuesAt(element, rest, most - found.length));
    }
    return found;
  }
  return isJsonObject(value) && Object.hasOwn(value, segment)
    ? valuesAt(value[segment], rest, most)
    : [];
}

const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

/** Returns the digest under which a value is remembered. A text and a number are never the same. */
const digestOf = (value: Json): string =>
  toHex(sha256(utf8(canonicalJson([value])))).slice(0, VALUE_DIGEST_CHARACTERS);

/** Adds exactly. One negative value would make room for the others. */
function sumOf(values: readonly (string | number | boolean)[]): number | undefined {
  let sum = 0n;
  for (const value of values) {
    const micros = typeof value === 'number' ? toMicros(value) : undefined;
    if (micros === undefined || micros < 0n) return undefined;
    sum += micros;
  }
  return sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : undefined;
}
