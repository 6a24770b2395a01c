import fc from 'fast-check';
import { expect, test } from 'vitest';
import { standsInRequest } from '../../../src/provenance/index.ts';

const RUNS = 3_000;

const words = fc.constantFrom(
  ...['pay', 'Bob', 'bob@acme.example', 'https://acme.example/a?b=c', 'GB29NWBK60161331926819'],
  ...['acme.example', "O'Brien", 'report-2026.pdf', '#general', '@carol', 'Zoë', '東京', 'May 16'],
  ...[
    '4500',
    '$12.50',
    '2026-05-16',
    'a\u200bb',
    'ﬁle',
    '\u0130x',
    '\u017fx',
    'x',
    '🙂',
    'e\u0301',
  ],
);
const gaps = fc.constantFrom(...[' ', ', ', '. ', '\n', ' "', '" ', ' (', ') ', ': ', '; ', '! ']);
const request = fc
  .array(fc.tuple(words, gaps), { minLength: 1, maxLength: 8 })
  .map((all) => all.flat().join(''));
const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), request);

test('a value that is named stands in the request, in whatever text both are', () => {
  let named = 0;
  fc.assert(
    fc.property(anything, anything, fc.nat(), fc.nat({ max: 20 }), (text, other, at, length) => {
      const cut = text.slice(at % (text.length + 1)).slice(0, length);
      for (const value of [cut, other]) {
        if (!standsInRequest(text, value)) continue;
        named++;
        const plain = value.replace(/^https?:\/\//i, '').replace(/\/$/, '');
        const within = text.normalize('NFC').replace(/\s+/gu, ' ').toLowerCase();
        const isDate = /^\d{4}-\d{2}-\d{2}/.test(value);
        expect(isDate || within.includes(plain.toLowerCase()), `${value} in ${text}`).toBe(true);
      }
    }),
    { numRuns: RUNS },
  );
  expect(named).toBeGreaterThan(RUNS / 50);
});

test('a part of a word is never named, and the whole word is', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'abcdeXYZ'), minLength: 3, maxLength: 12 });
  const joiner = fc.constantFrom(...['', '.', '-', '@', '/', '_', '+', ':', '\u200b', '\u0301']);
  fc.assert(
    fc.property(letters, joiner, letters, gaps, (one, between, other, gap) => {
      fc.pre(one.toLowerCase() !== other.toLowerCase());
      const text = `Pay ${one}${between}${other}${gap}now`;
      for (const part of [one, other, `${one}${between}${other}`.slice(1)]) {
        expect(standsInRequest(text, part), `${part} in ${text}`).toBe(false);
      }
      const whole = `${one}${between}${other}`.normalize('NFC');
      expect(standsInRequest(text, whole), `${whole} in ${text}`).toBe(true);
    }),
    { numRuns: RUNS },
  );
});

test('a text that looks alike is another value', () => {
  const alike: readonly (readonly [string, string])[] = [
    ...([
      ['a', '\u0430'],
      ['e', '\u0435'],
      ['o', '\u043e'],
      ['k', '\u212a'],
    ] as const),
    ...([
      ['a', '\uff41'],
      ['s', '\u017f'],
      ['i', '\u0131'],
      ['i', '\u0130'],
    ] as const),
    ...([
      ['l', '1'],
      ['o', '0'],
      ['c', '\u0441'],
      ['a', 'a\u200b'],
      ['a', 'a\u0301'],
    ] as const),
  ];
  const name = fc.string({
    unit: fc.constantFrom(...['a', 'e', 'o', 'k', 's', 'i', 'l', 'c']),
    minLength: 3,
    maxLength: 10,
  });
  fc.assert(
    fc.property(name, fc.constantFrom(...alike), (plain, [from, to]) => {
      fc.pre(plain.includes(from));
      const text = `Pay ${plain} and ${plain}.example today`;
      for (const value of [plain, `${plain}.example`]) {
        expect(standsInRequest(text, value)).toBe(true);
        expect(standsInRequest(text, value.replace(from, to)), value).toBe(false);
      }
    }),
    { numRuns: RUNS },
  );
});

test('a bare number names nothing, unless the sink takes numbers', () => {
  const number = fc.oneof(
    fc.nat(),
    fc.nat().map((n) => n / 100),
  );
  fc.assert(
    fc.property(number, words, gaps, (value, word, gap) => {
      const text = `${word}${gap}${value} ${word}`;
      for (const one of [value, String(value)]) {
        expect(standsInRequest(text, one)).toBe(false);
        expect(standsInRequest(text, one, 'event')).toBe(false);
      }
      expect(standsInRequest(`Pay ${value} now`, value, 'amount')).toBe(true);
      expect(standsInRequest(`Pay 1${value} now`, value, 'amount')).toBe(false);
    }),
    { numRuns: RUNS },
  );
});
