/** A comment of more lines is about more than one statement. */
const LINES_MAX = 6;

/**
 * Returns the words of the comment directly above a statement of a policy file: the lines that
 * begin with `//`, joined. Undefined if the line above is no such comment, or if there are too
 * many.
 */
export function commentAbove(text: string, line: number): string | undefined {
  const lines = text.split('\n');
  const words: string[] = [];
  for (let above = line - 2; above >= 0; above--) {
    const [, comment] = /^\s*\/\/\s?(.*?)\s*$/.exec(lines[above] ?? '') ?? [];
    if (comment === undefined) break;
    words.unshift(comment);
    if (words.length > LINES_MAX) return undefined;
  }
  const joined = words.join(' ').trim();
  return joined === '' ? undefined : joined;
}
