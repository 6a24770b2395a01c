/**
 * The total order of terms: by type as the reference declares them, then by value, strings by their
 * UTF-8 bytes. The parser and the operators keep sets in this order, and `any` and `all` visit sets
 * and maps in it, so that no result depends on how a token numbers its symbols.
 */
import type { MapEntry, MapKey, Term } from './ast.ts';

const RANK = {
  variable: 0,
  integer: 1,
  string: 2,
  date: 3,
  bytes: 4,
  bool: 5,
  set: 6,
  null: 7,
  array: 8,
  map: 9,
} as const satisfies Record<Term['kind'], number>;

// Orders UTF-16 units like the code points that they belong to: surrogates come last.
const unitRank = (unit: number) =>
  unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;

const SURROGATE = /[\ud800-\udfff]/;

/** Compares by UTF-8 bytes, which is the order of the code points. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  // Without surrogates the platform's own order is the same, and much faster.
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : 1;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return unitRank(left) - unitRank(right);
  }
  return a.length - b.length;
}

function compareList<T>(a: ArrayLike<T>, b: ArrayLike<T>, compare: (x: T, y: T) => number): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compare(a[i] as T, b[i] as T);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const compareEntries = (a: MapEntry, b: MapEntry) =>
  compareKeys(a.key, b.key) || compareTerms(a.value, b.value);

/** Orders two keys of a map: integers before strings, each by value. */
export function compareKeys(a: MapKey, b: MapKey): number {
  return compareTerms(a, b);
}

/** Negative, zero or positive; zero exactly if the terms are equal. */
export function compareTerms(a: Term, b: Term): number {
  if (a.kind !== b.kind) return RANK[a.kind] - RANK[b.kind];
  switch (a.kind) {
    case 'string':
    case 'variable':
      return compareText(a.value, b.value as string);
    case 'bytes':
      return compareList(a.value, b.value as Uint8Array, (x, y) => x - y);
    case 'set':
    case 'array':
      return compareList(a.value, b.value as readonly Term[], compareTerms);
    case 'map':
      return compareList(a.value, b.value as readonly MapEntry[], compareEntries);
    case 'null':
      return 0;
    default:
      // Integers, dates and booleans: `<` is exact between a number and a bigint.
      return a.value < (b.value as typeof a.value) ? -1 : a.value === b.value ? 0 : 1;
  }
}
