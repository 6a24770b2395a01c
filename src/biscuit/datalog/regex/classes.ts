/**
 * Sets of characters (Unicode code points). Classes are Unicode-aware, as in Rust's `regex`: `\d`
 * is `\p{Nd}`, and so on. Case-insensitive sets compare simple case folds.
 *
 * The platform's expressions are used on one character at a time only, where nothing can backtrack.
 */
export type CharSet = {
  readonly negated: boolean;
  /** Compares case folds. */
  readonly fold: boolean;
  /** Inclusive: first, last, first, last, … */
  readonly ranges: readonly number[];
  readonly properties: readonly RegExp[];
  readonly parts: readonly CharSet[];
};

export const DIGIT = /\p{Nd}/u;
export const SPACE = /\p{White_Space}/u;
export const WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** The classes of `[[:name:]]`, which are ASCII. */
export const POSIX: Readonly<Record<string, string>> = {
  alnum: '09AZaz',
  alpha: 'AZaz',
  ascii: '\0\x7f',
  blank: '\t\t  ',
  cntrl: '\0\x1f\x7f\x7f',
  digit: '09',
  graph: '!~',
  lower: 'az',
  print: ' ~',
  punct: '!/:@[`{~',
  space: '\t\r  ',
  upper: 'AZ',
  word: '09AZ__az',
  xdigit: '09AFaf',
};

/** The character that the text is; `otherwise` where it is more than one. */
function single(text: string, otherwise: number): number {
  const code = text.codePointAt(0) ?? otherwise;
  return text.length === (code > 0xffff ? 2 : 1) ? code : otherwise;
}

// U+0131, the dotless i, has the capital I, and is not a case of i all the same.
const DOTLESS_I = 0x131;

/** Equal for characters that differ in case only (simple case folding). */
export function foldCase(code: number): number {
  if (code < 128) return code >= 65 && code <= 90 ? code + 32 : code;
  if (code === DOTLESS_I) return code;
  const upper = single(String.fromCodePoint(code).toUpperCase(), code);
  return single(String.fromCodePoint(upper).toLowerCase(), upper);
}

// Longer ranges hold whole alphabets, small and capital.
const FOLDED_RANGE_MAX = 256;

/** The ranges and the folds of what is in them, so that `ſ` finds `s` when case does not count. */
export function withFolds(ranges: readonly number[]): readonly number[] {
  const folded = [...ranges];
  for (let i = 0; i < ranges.length; i += 2) {
    const first = ranges[i] ?? 0;
    const last = ranges[i + 1] ?? 0;
    for (let code = first; code <= last && last - first < FOLDED_RANGE_MAX; code++) {
      const fold = foldCase(code);
      if (fold < first || fold > last) folded.push(fold, fold);
    }
  }
  return folded;
}

function listed(set: CharSet, code: number): boolean {
  const { ranges, properties } = set;
  for (let i = 0; i < ranges.length; i += 2) {
    if (code >= (ranges[i] ?? 0) && code <= (ranges[i + 1] ?? 0)) return true;
  }
  return properties.length > 0 && properties.some((one) => one.test(String.fromCodePoint(code)));
}

export function inSet(set: CharSet, code: number): boolean {
  let found = listed(set, code);
  if (!found && set.fold) {
    const folded = foldCase(code);
    const upper = single(String.fromCodePoint(folded).toUpperCase(), folded);
    found = listed(set, folded) || listed(set, upper);
  }
  return (found || set.parts.some((part) => inSet(part, code))) !== set.negated;
}
