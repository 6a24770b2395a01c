const escapeCharacter = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return `\\u{${code.toString(16)}}`;
};

/**
 * Returns a text with its control characters as numbers, except line ends and tabs. A name or a
 * reason that someone else wrote could otherwise move the cursor of the terminal or reorder a line.
 */
export const visible = (text: string): string =>
  text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/gu, escapeCharacter);

/** Returns the same for one line: a name with a line end could otherwise look like two lines. */
export const visibleLine = (text: string): string =>
  visible(text).replace(/[\n\t]/g, escapeCharacter);
