import { expect, test } from 'vitest';
import { escapeHidden } from '../../src/escape-hidden.ts';

test.each([
  ['plain text with “quotes”, é and 日本語', 'plain text with “quotes”, é and 日本語'],
  ['a right-to-left override \u202e reverses', 'a right-to-left override \\u{202e} reverses'],
  ['zero\u200bwidth', 'zero\\u{200b}width'],
  ['escape \u001b[2J', 'escape \\u{1b}[2J'],
  ['line\nend\tand tab', 'line\\u{a}end\\u{9}and tab'],
  ['a wide\u3000space', 'a wide\\u{3000}space'],
  ['half of a character \ud800', 'half of a character \\u{d800}'],
])('writes hidden characters as their code points: %j', (text, shown) => {
  expect(escapeHidden(text)).toBe(shown);
});
