import { CATEGORIES, CATEGORY_RUNS, FOLD_RUNS } from './tables.ts';

/**
 * Character properties of Unicode 16.0, the same for every verifier. Nothing here asks the
 * platform: its tables depend on its version, and its upper case of the dotless ı is I.
 */

const NAMES = CATEGORIES.split(' ');
const FIRST_LETTER = 'A';
const SECOND_CASE = 'a';
/** Lu and Ll alternate. */
const ALTERNATING = 'd';

interface Runs {
  /** The first character of each run. */
  readonly starts: readonly number[];
  /** The category as an index into the names; -1 means that Lu and Ll alternate. */
  readonly categories: readonly number[];
}

function readRuns(): Runs {
  const starts: number[] = [];
  const categories: number[] = [];
  let start = 0;
  for (const [, letter = '', count] of CATEGORY_RUNS.matchAll(/([A-Za-z])(\d*)/g)) {
    starts.push(start);
    categories.push(letter === ALTERNATING ? -1 : placeOf(letter));
    start += count === '' ? 1 : Number(count);
  }
  return { starts, categories };
}

const placeOf = (letter: string): number =>
  letter >= SECOND_CASE
    ? letter.charCodeAt(0) - SECOND_CASE.charCodeAt(0) + 26
    : letter.charCodeAt(0) - FIRST_LETTER.charCodeAt(0);

let runs: Runs | undefined;

/** Returns the index of the character's general category in the names. */
function categoryOf(code: number): number {
  runs ??= readRuns();
  const { starts, categories } = runs;
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= code) low = middle;
    else high = middle - 1;
  }
  const category = categories[low] ?? 0;
  return category === -1 ? (code - (starts[low] ?? 0)) % 2 : category;
}

/** Returns whether a character belongs to a class. */
export type Property = (code: number) => boolean;

/**
 * Returns a general category, or the union of all whose name starts like this; undefined if there
 * is none.
 */
export function categoryProperty(name: string): Property | undefined {
  const places = new Set(NAMES.flatMap((one, at) => (one.startsWith(name) ? [at] : [])));
  return places.size === 0 || name === '' ? undefined : (code) => places.has(categoryOf(code));
}

const within = (code: number, ranges: readonly number[]): boolean =>
  ranges.some((first, at) => at % 2 === 0 && code >= first && code <= (ranges[at + 1] ?? 0));

const SPACES = [
  ...[0x09, 0x0d, 0x20, 0x20, 0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a],
  ...[0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000],
];
/** White_Space. */
export const isSpace: Property = (code) => within(code, SPACES);

/**
 * Alphabetic, but no letter, mark or letter number: letters in circles and squares, and the
 * joiners.
 */
const WORD_SIGNS = [
  ...[0x200c, 0x200d, 0x24b6, 0x24e9, 0x1f130, 0x1f149, 0x1f150, 0x1f169, 0x1f170, 0x1f189],
];
const WORD_CATEGORIES = new Set(
  ['Lu', 'Ll', 'Lt', 'Lm', 'Lo', 'Mn', 'Mc', 'Me', 'Nd', 'Nl', 'Pc'].map((name) =>
    NAMES.indexOf(name),
  ),
);
/** Alphabetic, M, Nd, Pc, Join_Control. */
export const isWord: Property = (code) =>
  code < 128
    ? (code >= 97 && code <= 122) ||
      (code >= 65 && code <= 90) ||
      (code >= 48 && code <= 57) ||
      code === 95
    : WORD_CATEGORIES.has(categoryOf(code)) || within(code, WORD_SIGNS);

const RUN = /(\w+)(?:([*!])(\w+))?(?:-(\w+))?/g;

let orbits: ReadonlyMap<number, readonly number[]> | undefined;

function readOrbits(): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  let code = 0;
  for (const [, gap = '', step, count = '1', distance = '1'] of FOLD_RUNS.matchAll(RUN)) {
    code += Number.parseInt(gap, 36);
    for (let left = Number.parseInt(count, 36); left > 0; left--) {
      const other = code - Number.parseInt(distance, 36);
      const orbit = found.get(other) ?? [other];
      orbit.push(code);
      for (const one of orbit) found.set(one, orbit);
      if (left > 1) code += step === '*' ? 1 : 2;
    }
  }
  return found;
}

/**
 * Returns the characters that differ from this one only in case, including itself (simple folding).
 */
export function casesOf(code: number): readonly number[] {
  orbits ??= readOrbits();
  return orbits.get(code) ?? [code];
}
