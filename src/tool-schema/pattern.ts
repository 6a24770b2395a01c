/** Returns a pattern that matches exactly this text, in every dialect of regular expressions. */
export const literalPattern = (text: string): string =>
  text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/**
 * Returns a pattern of the engine in a form that means the same in JavaScript, in Python and with
 * or without the flag `u`. Undefined if it uses more than ASCII literals, classes of ASCII
 * characters, groups, alternatives and repetition: `.` and `\d`, for example, match other
 * characters in other dialects, and a schema must not refuse what the verifier allows.
 */
export function portablePattern(pattern: string): string | undefined {
  const parts = pattern.match(PART);
  if (!parts || parts.join('').length !== pattern.length) return undefined;
  return parts.map((part) => (part === '\\-' || part === '\\/' ? part.slice(1) : part)).join('');
}

const CLASS_ITEM = String.raw`(?:[A-Za-z0-9_.@:/+ ,=%&#!~;]|\\[.\-\]\[\\^/+*?()|$])`;
const PART = new RegExp(
  [
    String.raw`[A-Za-z0-9_\-/@:,;#%&=~<>!'" ]`,
    String.raw`\\[.+*?()|[\]{}^$\\/-]`,
    String.raw`\[${CLASS_ITEM}(?:-${CLASS_ITEM})?(?:${CLASS_ITEM}(?:-${CLASS_ITEM})?)*\]`,
    // Of text, any number of characters other than one: each dialect counts the same.
    String.raw`\[\^/\][*+]`,
    String.raw`\(\?:|[()|*+?]`,
    String.raw`\{\d{1,4}(?:,(?:\d{1,4})?)?\}`,
  ].join('|'),
  'g',
);
