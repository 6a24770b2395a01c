import { casesOf, type Property } from './unicode.ts';

/**
 * Sets of characters (Unicode code points). Classes are Unicode-aware, as in Rust's `regex`: `\d`
 * is `\p{Nd}`, and so on. A case-insensitive set contains every character that differs only in case
 * from a member. Negation applies after that.
 */
export type CharSet = {
  readonly negated: boolean;
  /** Whether the set is case-insensitive. */
  readonly fold: boolean;
  /** Inclusive ranges: first, last, first, last, … */
  readonly ranges: readonly number[];
  readonly properties: readonly Property[];
  readonly parts: readonly CharSet[];
};

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

function listed(set: CharSet, code: number): boolean {
  const { ranges, properties } = set;
  for (let i = 0; i < ranges.length; i += 2) {
    if (code >= (ranges[i] ?? 0) && code <= (ranges[i + 1] ?? 0)) return true;
  }
  return properties.some((has) => has(code));
}

export function inSet(set: CharSet, code: number): boolean {
  const found = listed(set, code) || (set.fold && casesOf(code).some((one) => listed(set, one)));
  return (found || set.parts.some((part) => inSet(part, code))) !== set.negated;
}
