/** Parses character classes: `[…]`, `\d`, `\p{Lu}`. */
import { type CharSet, POSIX } from './classes.ts';
import {
  atEnd,
  type Cursor,
  escapeSequence,
  failAs,
  nextCode,
  peek,
  take,
  takeMatch,
} from './cursor.ts';
import { categoryProperty, isSpace, isWord, type Property } from './unicode.ts';

const CLASS_DEPTH_MAX = 50;

const isDigit = categoryProperty('Nd') ?? (() => false);
const PERL: Readonly<Record<string, Property>> = { d: isDigit, s: isSpace, w: isWord };

const propertySet = (property: Property, negated: boolean, fold: boolean): CharSet => ({
  negated,
  fold,
  ranges: [],
  properties: [property],
  parts: [],
});

/** Parses `\d`, `\S`, `\pL` or `\P{Lu}` after the backslash; returns undefined if there is none. */
export function parsePerlClass(cursor: Cursor): CharSet | undefined {
  const letter = peek(cursor);
  const fold = cursor.flags.i;
  const lower = letter.toLowerCase();
  const property = PERL[lower];
  if (property !== undefined && lower.length === 1) {
    cursor.at++;
    return propertySet(property, letter !== lower, fold);
  }
  if (letter !== 'p' && letter !== 'P') return undefined;
  cursor.at++;
  const name = /^(?:\{([A-Za-z]+)\}|([A-Z]))$/.exec(takeMatch(cursor, /\{[^}]*\}|./uy));
  const category = name?.[1] ?? name?.[2] ?? '';
  const general = categoryProperty(category);
  if (general === undefined) {
    failAs(cursor, 'unsupported', 'this character property');
    return undefined;
  }
  return propertySet(general, letter === 'P', fold);
}

/** Starts after the opening bracket. After a failure the returned set is meaningless. */
export function parseClass(cursor: Cursor, depth: number): CharSet {
  if (depth > CLASS_DEPTH_MAX) failAs(cursor, 'too_large');
  const negated = take(cursor, '^');
  const ranges: number[] = [];
  const parts: CharSet[] = [];
  // A leading `]` and leading dashes are literal characters.
  while (take(cursor, '-')) ranges.push(45, 45);
  if (ranges.length === 0 && take(cursor, ']')) ranges.push(93, 93);
  while (!take(cursor, ']')) {
    if (atEnd(cursor)) {
      failAs(cursor, 'invalid');
      break;
    }
    const pair = peek(cursor) + peek(cursor, 1);
    if (pair === '&&' || pair === '--' || pair === '~~') {
      failAs(cursor, 'unsupported', 'operations on character sets');
      break;
    }
    parseItem(cursor, depth, ranges, parts);
  }
  const fold = cursor.flags.i;
  return { negated, fold, ranges, properties: [], parts };
}

function parseItem(cursor: Cursor, depth: number, ranges: number[], parts: CharSet[]): void {
  if (take(cursor, '[')) {
    parts.push(parsePosix(cursor) ?? parseClass(cursor, depth + 1));
    return;
  }
  const first = parseMember(cursor);
  if (first === undefined) return;
  if (typeof first !== 'number') {
    // A class cannot start a range.
    if (peek(cursor) === '-' && peek(cursor, 1) !== ']' && peek(cursor, 1) !== '-')
      failAs(cursor, 'invalid');
    parts.push(first);
    return;
  }
  let last: number | CharSet | undefined = first;
  if (peek(cursor) === '-' && peek(cursor, 1) !== ']' && peek(cursor, 1) !== '-') {
    cursor.at++;
    last = parseMember(cursor);
  }
  if (typeof last === 'number' && last >= first) ranges.push(first, last);
  else failAs(cursor, 'invalid');
}

function parseMember(cursor: Cursor): number | CharSet | undefined {
  if (!take(cursor, '\\')) return nextCode(cursor);
  return parsePerlClass(cursor) ?? escapeSequence(cursor);
}

/** Starts after `[`; returns undefined if there is no POSIX class here. */
function parsePosix(cursor: Cursor): CharSet | undefined {
  const text = takeMatch(cursor, /:\^?[a-z]+:\]/y);
  const [, not, name = ''] = /^:(\^?)([a-z]+)/.exec(text) ?? [];
  const letters = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
  if (letters === undefined) {
    cursor.at -= text.length;
    return undefined;
  }
  const ranges = [...letters].map((letter) => letter.charCodeAt(0));
  return { negated: not === '^', fold: cursor.flags.i, ranges, properties: [], parts: [] };
}
