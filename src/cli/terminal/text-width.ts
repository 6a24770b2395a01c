const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Characters that a terminal draws two columns wide: East Asian wide forms, and emoji. */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;

const PLAIN = /^[\x20-\x7e]*$/;

/** Returns how many columns of a terminal a visible text takes. */
export const textWidth = (text: string): number =>
  PLAIN.test(text) ? text.length : split(text).reduce((sum, { width }) => sum + width, 0);

/** Returns the text followed by spaces, so that it takes at least so many columns. */
export const padText = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - textWidth(text)));

const ELLIPSIS = '…';

/**
 * Cuts a text to so many columns, at its end or in its middle. The sign of the cut is one of the
 * columns. Cut in the middle, two names that begin alike remain distinct.
 */
export function cutText(text: string, columns: number, where: 'end' | 'middle'): string {
  if (textWidth(text) <= columns) return text;
  const room = Math.max(0, columns - 1);
  const parts = split(text);
  if (where === 'end') return take(parts, room) + ELLIPSIS;
  const start = take(parts, Math.floor(room / 2));
  const end = take([...parts].reverse(), room - textWidth(start), 'backwards');
  return `${start}${ELLIPSIS}${end}`;
}

interface Part {
  readonly text: string;
  readonly width: number;
}

const split = (text: string): readonly Part[] =>
  [...graphemes.segment(text)].map(({ segment }) => ({
    text: segment,
    width: /^\p{M}+$/u.test(segment) ? 0 : WIDE.test(segment) ? 2 : 1,
  }));

function take(parts: readonly Part[], room: number, order?: 'backwards'): string {
  let taken = '';
  let left = room;
  for (const { text, width } of parts) {
    if (width > left) break;
    left -= width;
    taken = order === 'backwards' ? text + taken : taken + text;
  }
  return taken;
}

/** Wraps at spaces between the given parts, which may contain spaces. Later lines are indented. */
export function wrapParts(
  parts: readonly string[],
  columns: number,
  indent = '',
): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(last) + 1 + textWidth(part) <= columns) {
      lines[lines.length - 1] = `${last} ${part}`;
    } else lines.push(lines.length === 0 ? part : `${indent}${part}`);
  }
  return lines;
}
