/**
 * Creates terms in code, for facts of a request and for parameters. They are values and are never
 * parsed. A number outside its type is a bug of the caller and throws.
 */
import type {
  ArrayTerm,
  BoolTerm,
  BytesTerm,
  DateTerm,
  Fact,
  Int64,
  IntegerTerm,
  MapEntry,
  MapTerm,
  NullTerm,
  SetTerm,
  StringTerm,
  Term,
  VariableTerm,
} from './ast.ts';
import { compareKeys, compareTerms } from './order.ts';

/** The smallest integer of Datalog. */
export const INT64_MIN = -(2n ** 63n);
/** The largest integer of Datalog. */
export const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

/** The one representation of an integer: a `number` if that is exact, else a `bigint`. */
export const compact = (value: bigint): Int64 => {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
};

function inRange(value: Int64, minimum: bigint, maximum: bigint): Int64 {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && value >= minimum) return value;
    throw new RangeError(`${value} is not an exact integer of its type`);
  }
  if (value < minimum || value > maximum) throw new RangeError(`${value} is out of range`);
  return compact(value);
}

/**
 * Returns an integer term. Throws a RangeError for a number outside the signed 64-bit range.
 */
export const integer = (value: Int64): IntegerTerm => ({
  kind: 'integer',
  value: inRange(value, INT64_MIN, INT64_MAX),
});

/** Seconds since 1970-01-01T00:00:00Z. */
export const date = (seconds: Int64): DateTerm => ({
  kind: 'date',
  value: inRange(seconds, 0n, UINT64_MAX),
});

/** Returns a string term. */
export const string = (value: string): StringTerm => ({ kind: 'string', value });
/** Returns a byte string term. */
export const bytes = (value: Uint8Array): BytesTerm => ({ kind: 'bytes', value });
/** Returns a variable term. `name` is without the `$`. */
export const variable = (name: string): VariableTerm => ({ kind: 'variable', value: name });
/** Returns an array term. */
export const array = (items: readonly Term[]): ArrayTerm => ({ kind: 'array', value: items });

/** The boolean term `true`. */
export const TRUE: BoolTerm = { kind: 'bool', value: true };
/** The boolean term `false`. */
export const FALSE: BoolTerm = { kind: 'bool', value: false };
/** The null term. */
export const NULL: NullTerm = { kind: 'null', value: null };
/** Returns a boolean term. */
export const bool = (value: boolean): BoolTerm => (value ? TRUE : FALSE);

/** Sorted, without duplicates. */
export const set = (items: readonly Term[]): SetTerm => ({
  kind: 'set',
  value: [...items]
    .sort(compareTerms)
    .filter((item, i, all) => i === 0 || compareTerms(all[i - 1] ?? NULL, item) !== 0),
});

/** Sorted by key. If a key occurs twice, the later entry counts. */
export const map = (entries: readonly MapEntry[]): MapTerm => ({
  kind: 'map',
  value: [...entries]
    .reverse()
    .sort((a, b) => compareKeys(a.key, b.key))
    .filter((entry, i, all) => {
      const before = all[i - 1];
      return before === undefined || compareKeys(before.key, entry.key) !== 0;
    }),
});

/** Returns a fact with this name and these terms. */
export const fact = (name: string, ...terms: readonly Term[]): Fact => ({ name, terms });
