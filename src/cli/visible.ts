/**
 * Returns a text with its control characters as numbers, except line ends. A name or a reason that
 * someone else wrote could otherwise move the cursor of the terminal or reorder a line.
 */
export const visible = (text: string): string =>
  text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
