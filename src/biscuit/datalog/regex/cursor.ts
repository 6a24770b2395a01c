/**
 * A place in a pattern, the flags that hold there, and the escapes that stand for one character.
 */
export type RegexError =
  /** Not valid in Rust's syntax: `matches` is false. */
  | { readonly kind: 'invalid' }
  /** Valid, but not supported by Hewn. */
  | { readonly kind: 'unsupported'; readonly detail: string }
  | { readonly kind: 'too_large' };

export type Flags = { readonly i: boolean; readonly m: boolean; readonly s: boolean };

export type Cursor = {
  readonly pattern: string;
  /** Index of the next UTF-16 unit. */
  at: number;
  flags: Flags;
  readonly names: Set<string>;
  failure: RegexError | undefined;
};

export const startCursor = (pattern: string): Cursor => ({
  pattern,
  at: 0,
  flags: { i: false, m: false, s: false },
  names: new Set(),
  failure: undefined,
});

export const atEnd = ({ at, pattern }: Cursor): boolean => at >= pattern.length;

/** The unit `ahead` of the cursor; empty after the end. All syntax characters are one unit. */
export const peek = ({ at, pattern }: Cursor, ahead = 0): string => pattern[at + ahead] ?? '';

/** Consumes one character. */
export function nextCode(cursor: Cursor): number {
  const code = cursor.pattern.codePointAt(cursor.at) ?? 0;
  cursor.at += code > 0xffff ? 2 : 1;
  return code;
}

/** Consumes `text` if it is next. */
export function take(cursor: Cursor, text: string): boolean {
  const here = cursor.pattern.startsWith(text, cursor.at);
  if (here) cursor.at += text.length;
  return here;
}

/** Consumes what the sticky expression matches here; returns the empty string if it does not. */
export function takeMatch(cursor: Cursor, expression: RegExp): string {
  expression.lastIndex = cursor.at;
  const found = expression.exec(cursor.pattern)?.[0] ?? '';
  cursor.at += found.length;
  return found;
}

/** Records the first failure and moves to the end, where every loop stops. */
export function failAs(
  cursor: Cursor,
  kind: RegexError['kind'],
  detail = 'this syntax',
): undefined {
  cursor.failure ??= kind === 'unsupported' ? { kind, detail } : { kind };
  cursor.at = cursor.pattern.length;
  return undefined;
}

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const CODE_POINT_MAX = 0x10ffff;

/** Reads an escape after its backslash and returns the character; undefined after a failure. */
export function escapeSequence(cursor: Cursor): number | undefined {
  if (atEnd(cursor)) return failAs(cursor, 'invalid');
  const character = String.fromCodePoint(nextCode(cursor));
  const control = CONTROLS[character];
  if (control !== undefined) return control;
  const digits = HEX_DIGITS[character];
  if (digits !== undefined) {
    // Braces must contain hex digits only. Without braces, the number of digits is fixed.
    const text =
      peek(cursor) === '{'
        ? takeMatch(cursor, /\{[0-9A-Fa-f]+\}/y).slice(1, -1)
        : takeMatch(cursor, new RegExp(`[0-9A-Fa-f]{${digits}}`, 'y'));
    const code = text === '' ? Number.NaN : Number.parseInt(text, 16);
    const scalar = code <= CODE_POINT_MAX && !(code >= 0xd800 && code < 0xe000);
    return scalar ? code : failAs(cursor, 'invalid');
  }
  // `\<` and `\>` are word edges. Any other ASCII character except letters and digits may be
  // escaped.
  if (character === '<' || character === '>') return failAs(cursor, 'unsupported', 'word edges');
  return /^[^0-9A-Za-z\u0080-\uffff]$/.test(character)
    ? character.charCodeAt(0)
    : failAs(cursor, 'invalid');
}
