/**
 * Parses the subset of Rust's `regex` syntax that Hewn supports: literals, escapes, `.`, classes
 * with ranges and nesting, `\d \s \w` and POSIX names, `\p{Xx}` of general categories, anchors and
 * word boundaries, groups (named or not), alternation, greedy, lazy and counted repetition, and the
 * flags `i m s u U`. Character-set operations, other properties and other flags are `unsupported`.
 * Syntax that Rust refuses (look-around, back-references, a stray `*`) is `invalid`.
 */
import { ok, type Result, refuse } from '../../../result.ts';
import type { CharSet } from './classes.ts';
import {
  atEnd,
  type Cursor,
  escapeSequence,
  failAs,
  nextCode,
  peek,
  type RegexError,
  startCursor,
  take,
  takeMatch,
} from './cursor.ts';
import { parseClass, parsePerlClass } from './parse-class.ts';

export type Assertion = 'start' | 'end' | 'lineStart' | 'lineEnd' | 'boundary' | 'noBoundary';

export type Node =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly kind: 'choice'; readonly nodes: readonly Node[] }
  | {
      readonly kind: 'repeat';
      readonly node: Node;
      readonly minimum: number;
      readonly maximum: number;
    };

// Rust allows 250. Here each group takes a few stack frames.
const GROUP_DEPTH_MAX = 100;
const COLON = 58;
const COUNT_MAX = 0xffff_ffff;

const assertion = (kind: Assertion): Node => ({ kind: 'assertion', assertion: kind });

const literal = (cursor: Cursor, code: number): Node => ({
  kind: 'set',
  set: {
    negated: false,
    fold: cursor.flags.i,
    ranges: [code, code],
    properties: [],
    parts: [],
  },
});

export function parseRegex(pattern: string): Result<Node, RegexError> {
  const cursor = startCursor(pattern);
  const node = parseChoice(cursor, 0);
  if (cursor.failure === undefined && !atEnd(cursor)) failAs(cursor, 'invalid');
  return cursor.failure === undefined ? ok(node) : refuse(cursor.failure);
}

function parseChoice(cursor: Cursor, depth: number): Node {
  if (depth > GROUP_DEPTH_MAX) failAs(cursor, 'too_large');
  // Flags set inside a group end with the group, and apply across its alternatives.
  const { flags } = cursor;
  const choices: Node[] = [];
  do choices.push(parseSequence(cursor, depth));
  while (cursor.failure === undefined && take(cursor, '|'));
  cursor.flags = flags;
  const [only] = choices;
  return choices.length === 1 && only !== undefined ? only : { kind: 'choice', nodes: choices };
}

function parseSequence(cursor: Cursor, depth: number): Node {
  const nodes: Node[] = [];
  while (cursor.failure === undefined && !atEnd(cursor)) {
    const next = peek(cursor);
    if (next === '|' || next === ')') break;
    const node = parseAtom(cursor, depth);
    if (node !== undefined) nodes.push(parseRepetitions(cursor, node));
    // There is nothing here to repeat except flags.
    else if ('*+?{'.includes(peek(cursor) || ' ')) failAs(cursor, 'invalid');
  }
  return { kind: 'sequence', nodes };
}

/** Returns undefined for flags, which match nothing, and after a failure. */
function parseAtom(cursor: Cursor, depth: number): Node | undefined {
  const code = nextCode(cursor);
  const { flags } = cursor;
  switch (String.fromCodePoint(code)) {
    case '(':
      return parseGroup(cursor, depth);
    case '[':
      return { kind: 'set', set: parseClass(cursor, 0) };
    case '.': {
      const newline = flags.s ? [] : [10, 10];
      const set = { negated: true, fold: false, ranges: newline, properties: [], parts: [] };
      return { kind: 'set', set };
    }
    case '^':
      return assertion(flags.m ? 'lineStart' : 'start');
    case '$':
      return assertion(flags.m ? 'lineEnd' : 'end');
    case '*':
    case '+':
    case '?':
    case '{':
      failAs(cursor, 'invalid');
      return undefined;
    case '\\':
      return parseEscape(cursor);
    default:
      return literal(cursor, code);
  }
}

function parseEscape(cursor: Cursor): Node | undefined {
  if (take(cursor, 'A')) return assertion('start');
  if (take(cursor, 'z')) return assertion('end');
  if (take(cursor, 'B')) return assertion('noBoundary');
  if (take(cursor, 'b')) {
    if (peek(cursor) === '{') failAs(cursor, 'unsupported', 'a directed word boundary');
    return assertion('boundary');
  }
  const set = parsePerlClass(cursor);
  if (set !== undefined) return { kind: 'set', set };
  const code = escapeSequence(cursor);
  return code === undefined ? undefined : literal(cursor, code);
}

function parseGroup(cursor: Cursor, depth: number): Node | undefined {
  const outer = cursor.flags;
  if (take(cursor, '?')) {
    if (take(cursor, 'P<') || (peek(cursor) === '<' && !/[=!]/.test(peek(cursor, 1)))) {
      take(cursor, '<');
      const name = takeMatch(cursor, /[A-Za-z_][A-Za-z0-9_.[\]]*(?=>)/y);
      // The letters allowed in a name depend on the Unicode version, and affect no match.
      if (name === '' && /^[^>]*[^\0-\x7f]/.test(cursor.pattern.slice(cursor.at))) {
        failAs(cursor, 'unsupported', 'a group name that is not ASCII');
      }
      if (name === '' || cursor.names.has(name)) failAs(cursor, 'invalid');
      cursor.names.add(name);
      take(cursor, '>');
    } else if (!parseFlags(cursor)) return undefined;
  }
  const node = parseChoice(cursor, depth + 1);
  cursor.flags = outer;
  if (!take(cursor, ')')) failAs(cursor, 'invalid');
  return node;
}

/** Returns true if a group follows the flags, and false if they apply to the rest of the group. */
function parseFlags(cursor: Cursor): boolean {
  const text = takeMatch(cursor, /[A-Za-z]*(?:-[A-Za-z]+)?(?=[:)])/y);
  const [on = '', off = ''] = text.split('-');
  const all = on + off;
  if (peek(cursor) === ')' && all === '') failAs(cursor, 'invalid');
  // Look-around has a symbol instead of a flag. Rust does not support it.
  if (!(peek(cursor) === ':' || peek(cursor) === ')')) failAs(cursor, 'invalid');
  if (/[^imsuURx]/.test(all) || new Set(all).size < all.length) failAs(cursor, 'invalid');
  else if (/[Rx]/.test(all) || off.includes('u')) failAs(cursor, 'unsupported', `flags ${text}`);
  const flag = (name: 'i' | 'm' | 's') =>
    on.includes(name) || (cursor.flags[name] && !off.includes(name));
  cursor.flags = { i: flag('i'), m: flag('m'), s: flag('s') };
  return nextCode(cursor) === COLON;
}

function parseRepetitions(cursor: Cursor, atom: Node): Node {
  let node = atom;
  while (cursor.failure === undefined) {
    let minimum = 0;
    let maximum = Number.POSITIVE_INFINITY;
    if (take(cursor, '+')) minimum = 1;
    else if (take(cursor, '?')) maximum = 1;
    else if (peek(cursor) === '{') [minimum, maximum] = parseCounts(cursor);
    else if (!take(cursor, '*')) break;
    // Lazy or greedy changes where a match ends, not whether there is one.
    take(cursor, '?');
    node = { kind: 'repeat', node, minimum, maximum };
  }
  return node;
}

function parseCounts(cursor: Cursor): [number, number] {
  const counts = /^\{\s*(\d*)\s*(,?)\s*(\d*)\s*\}$/.exec(takeMatch(cursor, /\{[^{}]*\}/y));
  const [, first = '', comma = '', last = ''] = counts ?? [];
  const minimum = Number(first);
  const maximum = last !== '' ? Number(last) : comma ? Number.POSITIVE_INFINITY : minimum;
  const bounded = minimum <= COUNT_MAX && (maximum <= COUNT_MAX || last === '');
  if (counts === null || first === '' || !bounded || minimum > maximum) failAs(cursor, 'invalid');
  return [minimum, maximum];
}
