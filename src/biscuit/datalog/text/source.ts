/**
 * Datalog text while it is parsed. Tracks the furthest position that the parser reached: a syntax
 * error reports what would have been valid there.
 */
import { type Result, refuse } from '../../../result.ts';
import type { BiscuitError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { PublicKey, Term } from '../ast.ts';

/**
 * Values for `{name}` in the text. They stay values and never become text, so that nothing in them
 * can turn into Datalog.
 */
export type Parameters = Readonly<Record<string, Term | PublicKey>>;

export type Source = {
  readonly text: string;
  readonly limits: Limits;
  readonly parameters: Parameters;
  readonly used: Set<string>;
  readonly missing: Set<string>;
  /** Index of the next UTF-16 unit. */
  at: number;
  /** Nesting depth of parentheses, closures and collections. */
  depth: number;
  furthest: number;
  readonly expected: Set<string>;
  /** A refusal that is not a syntax error. */
  failure: BiscuitError | undefined;
};

export const openSource = (text: string, parameters: Parameters, limits: Limits): Source => ({
  text,
  limits,
  parameters,
  used: new Set(),
  missing: new Set(),
  at: 0,
  depth: 0,
  furthest: 0,
  expected: new Set(),
  failure: undefined,
});

const BLANK = /(?:[ \t\r\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;

/** Skips white space and comments. */
export function skip(source: Source): void {
  BLANK.lastIndex = source.at;
  BLANK.exec(source.text);
  source.at = Math.max(source.at, BLANK.lastIndex);
}

/**
 * Records that `what` would be valid here. Returns `undefined`, which means that it is not here.
 */
export function expect(source: Source, what: string): undefined {
  if (source.at > source.furthest) {
    source.furthest = source.at;
    source.expected.clear();
  }
  if (source.at === source.furthest) source.expected.add(what);
  return undefined;
}

/** Consumes `sign` if it is next. */
export function take(source: Source, sign: string): boolean {
  if (source.text.startsWith(sign, source.at)) {
    source.at += sign.length;
    return true;
  }
  expect(source, `"${sign}"`);
  return false;
}

/** Returns the groups of the sticky expression if it matches here. */
export function takeMatch(
  source: Source,
  expression: RegExp,
  what: string,
): RegExpExecArray | undefined {
  expression.lastIndex = source.at;
  const found = expression.exec(source.text);
  if (found === null) return expect(source, what);
  source.at = expression.lastIndex;
  return found;
}

/** Enters one more level. Beyond the limit, records the failure and returns false. */
export function deepen(source: Source): boolean {
  const maximum = source.limits.sourceDepthMax;
  if (++source.depth <= maximum) return true;
  source.failure = { code: 'limit_exceeded', limit: 'sourceDepthMax', maximum };
  return false;
}

/** Reads something one level deeper. */
export function nested<T>(source: Source, read: () => T | undefined): T | undefined {
  const { depth } = source;
  const value = deepen(source) ? read() : undefined;
  source.depth = depth;
  return value;
}

/** Reads comma-separated items; returns undefined if one is missing. */
export function list<T>(source: Source, read: () => T | undefined): T[] | undefined {
  const items: T[] = [];
  do {
    skip(source);
    const item = read();
    if (item === undefined) return undefined;
    items.push(item);
    skip(source);
  } while (take(source, ','));
  return items;
}

const FOUND_CHARS = 20;

function parseFailure(text: string, at: number, expected: readonly string[]): BiscuitError {
  const lines = text.slice(0, at).split('\n');
  return {
    code: 'parse_failed',
    line: lines.length,
    column: [...(lines.at(-1) ?? '')].length + 1,
    expected,
    found: text.slice(at, at + FOUND_CHARS),
  };
}

/**
 * Refuses the text at `at` permanently, although its syntax is right: no other reading can be
 * intended. Returns `undefined`.
 */
export function reject(source: Source, at: number, expected: string): undefined {
  source.failure ??= parseFailure(source.text, at, [expected]);
  return undefined;
}

/** The refusal of a source that could not be parsed. */
export const refusal = (source: Source): Result<never, BiscuitError> =>
  refuse(source.failure ?? parseFailure(source.text, source.furthest, [...source.expected]));
