import { UNSEEN } from './unseen.ts';

// A wide or a thin space looks like another space, or like none.
const HIDDEN = new RegExp(`[\\p{C}\\p{Zl}\\p{Zp}\\p{DI}]|[^\\S ]|${UNSEEN.source}`, 'gu');

/**
 * Returns one line of text that a person can trust to be what it shows. Characters that a terminal
 * obeys, and those that hide or reorder the text around them (bidirectional and invisible ones),
 * are written as their code points.
 */
export const escapeHidden = (text: string): string =>
  text.replace(HIDDEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
