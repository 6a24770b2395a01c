/**
 * Changes to text: random ones, and characters that some readers skip or read as something else.
 */
import type { Random } from '../generate/random.ts';

const PIECES: readonly [string, ...string[]] = [
  ...([
    '',
    ' ',
    '\0',
    '\n',
    '\r\n',
    '\t',
    '\u00a0',
    '\u200b',
    '\u202e',
    '\ufeff',
    '\ud800',
  ] as const),
  ...['\udc00', 'e\u0301', '\u00e9', '\u0131', '\u212a', '\uff0e', '\u{1f600}', '\u00ad', '\ufffd'],
  ...[
    '.',
    '..',
    '/',
    '//',
    '/../',
    '/./',
    '../',
    '\\',
    '~',
    '~0',
    '~1',
    '~2',
    ':',
    ';',
    ',',
    '=',
    '==',
    '-',
    '_',
    '+',
  ],
  ...['%', '%2f', '%2F', '%00', '%2e%2e', '%25', '%c0%af', '%e9', '*', '**', '?', '#', '@', '&'],
  ...['"', "'", '`', '{', '}', '[', ']', '(', ')', '<', '>', '|', '$', '!', '^'],
  ...['0', '1', '9', '-0', '1e999', '0x7f', '010', 'null', 'true', '__proto__', 'constructor'],
  ...['A'.repeat(70), 'A'.repeat(600), '\u{10ffff}'.repeat(40), '['.repeat(80)],
];

type Edit = (random: Random, text: string) => string;

const splice = (text: string, at: number, removed: number, inserted: string): string =>
  text.slice(0, at) + inserted + text.slice(at + removed);

const someRange = (random: Random, text: string): readonly [number, number] => {
  const start = random.below(text.length + 1);
  return [start, Math.min(text.length, start + 1 + random.below(12))];
};

const EDITS: readonly [Edit, ...Edit[]] = [
  (random, text) => splice(text, random.below(text.length + 1), 0, random.pick(PIECES)),
  (random, text) => splice(text, random.below(text.length + 1), 1, random.pick(PIECES)),
  (random, text) => splice(text, random.below(text.length + 1), 1 + random.below(4), ''),
  (random, text) => text.slice(0, random.below(text.length + 1)),
  function repeatRange(random, text) {
    const [start, end] = someRange(random, text);
    return splice(text, random.below(text.length + 1), 0, text.slice(start, end));
  },
  function changeCode(random, text) {
    const at = random.below(text.length + 1);
    const code = text.charCodeAt(at) ^ (1 << random.below(8));
    return splice(text, at, 1, String.fromCharCode(Number.isNaN(code) ? 65 : code));
  },
  function changeCase(random, text) {
    const [start, end] = someRange(random, text);
    const range = text.slice(start, end);
    const upper = range.toUpperCase();
    return splice(text, start, end - start, upper === range ? range.toLowerCase() : upper);
  },
  function percentEncode(random, text) {
    const at = random.below(text.length + 1);
    const code = (text.charCodeAt(at) & 0xff).toString(16).padStart(2, '0');
    return splice(text, at, 1, `%${random.chance(0.5) ? code : code.toUpperCase()}`);
  },
  (random, text) => text.normalize(random.pick(['NFC', 'NFD', 'NFKC', 'NFKD'])),
  (random, text) => random.pick([` ${text}`, `${text} `, `${text}\n`, `\ufeff${text}`]),
];

/** Makes one to three edits. */
export function mutateText(random: Random, text: string): string {
  let changed = text;
  for (let left = 1 + random.below(3); left > 0; left--)
    changed = random.pick(EDITS)(random, changed);
  return changed;
}

export const somePiece = (random: Random): string => random.pick(PIECES);
