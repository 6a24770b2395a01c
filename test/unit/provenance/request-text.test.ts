import { describe, expect, test } from 'vitest';
import { standsInRequest } from '../../../src/provenance/index.ts';

const stands = (text: string, value: string | number, kind?: string) =>
  expect(standsInRequest(text, value, kind), `${value} in ${text}`);

test.each([
  ['Pay GB29NWBK60161331926819 today', 'GB29NWBK60161331926819'],
  ['pay gb29nwbk60161331926819.', 'GB29NWBK60161331926819'],
  ['Mail bob@acme.example, please', 'bob@acme.example'],
  ['Mail (bob@acme.example)', 'bob@acme.example'],
  ['Write to "Bob Lee"!', 'Bob Lee'],
  ['Write to\n  Bob\tLee', 'Bob Lee'],
  ["Move Bob's meeting", 'Bob'],
  ['Move Chris’ meeting', 'Chris'],
  ["Ask O'Brien", "O'Brien"],
  ['Post it in #general', 'general'],
  ['Ask @bob', 'bob'],
  ['Read https://acme.example/', 'https://acme.example'],
  ['Read acme.example/a?b=c.', 'https://acme.example/a?b=c'],
  ['Read https://acme.example/a', 'acme.example/a'],
  ['Read www.acme.example', 'http://www.acme.example'],
  ['Über ÉÉ', 'éé'],
  ['Open report-2026.pdf', 'report-2026.pdf'],
  ['東京 へ', '東京'],
])('"%s" names %s', (text, value) => stands(text, value).toBe(true));

test.each([
  ['Mail bob@acme.example', 'acme.example', 'the host of an address'],
  ['Mail bob@acme.example', 'bob', 'the name in an address'],
  ['Mail bob@acme.example', 'bob@acme', 'the start of an address'],
  ['Mail bob@acme.example.evil.example', 'bob@acme.example', 'an address below another host'],
  ['Read https://acme.example/a', 'https://acme.example', 'a page below another'],
  ['Read https://acme.example@evil.example/', 'acme.example', 'user info'],
  ['Read https://acme.example@evil.example/', 'evil.example', 'a host behind user info'],
  ['Read https://acme.example/?q=evil.example', 'evil.example', 'a parameter'],
  ['Read http://acme.example', 'https://acme.example', 'another scheme'],
  ['Read ftp://acme.example', 'https://acme.example', 'another scheme'],
  ['evil-acme.example', 'acme.example', 'the end of another host'],
  ['Pay GB29NWBK60161331926819', 'GB29NWBK6016133192681', 'a part of an account'],
  ['Open report-2026.pdf', 'report', 'the start of a file'],
  ['a\u200bbc', 'bc', 'what an invisible character hides'],
  ['Pay Robert', 'Rob', 'the start of a name'],
  ['Pay Bob', ' Bob', 'a space that is not there'],
  ['Pay Bob', 'Bob ', 'a space that is not there'],
  ['Pay Bob Lee', 'Bob  Lee', 'a space that is not there'],
  ['Pay Bob', 'B', 'a letter'],
  ['Pay a bank', 'a', 'a letter'],
  ['Pay Bob', '', 'nothing'],
  ['Pay Bob', ' ', 'nothing'],
  ['Pay bank', 'ban\u212a', 'the Kelvin sign'],
  ['Pay pay.example', 'p\u0430y.example', 'a Cyrillic letter'],
  ['Pay acme.example', 'a\uff43me.example', 'a wide letter'],
  ['Caf\u00e9 Roma', 'Cafe\u0301 Roma', 'another Unicode form'],
  ['Ask O’Lee', 'Lee', 'the end of a name'],
  ['x#general', 'general', 'the end of a word'],
  ['https://acme.example/#general', 'general', 'a fragment'],
])('"%s" does not name "%s": %s', (text, value) => stands(text, value).toBe(false));

describe('a bare number', () => {
  test('is named only where the sink takes a number', () => {
    for (const value of [4, '4'] as const) {
      stands('Meet Bob at 4 pm', value).toBe(false);
      stands('Meet Bob at 4 pm', value, 'meeting').toBe(false);
      stands('Meet Bob 4 times', value, 'count').toBe(true);
    }
  });

  test.each([
    ['Pay $4,500.00 now', 4500],
    ['Pay 4500.', 4500],
    ['Pay €12.50, please', 12.5],
    ['Set it to -3', -3],
    ['Take 50%', 50],
  ])('"%s" names the amount %s', (text, value) => stands(text, value, 'amount').toBe(true));

  test.each([
    ['Pay 4500', 450],
    ['Pay 4,500', 4],
    ['Pay 4,500', 500],
    ['Pay 12.50', 12],
    ['Pay 12.50', 50],
    ['Set it to -3', 3],
    ['Room 3-5', 5],
    ['Open v2.7', 7],
    ['On 2026-05-16', 16],
    ['At 10:30', 30],
    ['bill4', 4],
    ['Pay 4e3', 4],
  ])('"%s" does not name the amount %s', (text, value) =>
    stands(text, value, 'amount').toBe(false),
  );

  test('is not named by another spelling of its text', () => {
    stands('Pay 4500', '4500.0', 'amount').toBe(false);
    stands('Pay 4500', '04500', 'amount').toBe(false);
  });
});

describe('a date', () => {
  test.each([
    ['Free on 2026-05-16?', '2026-05-16'],
    ['Free on May 16?', '2026-05-16'],
    ['Free on May 16th, 2026?', '2026-05-16'],
    ['Free on the 16th of May?', '2026-05-16'],
    ['Free on 6 Sep. 2026', '2026-09-06'],
    ['Free on May 16 at 10:00', '2026-05-16 10:00'],
    ['Free on May 16 at 10 am', '2026-05-16T10:00'],
    ['Free on 2026-05-16 at 3:30 p.m.', '2026-05-16 15:30'],
  ])('"%s" names %s', (text, value) => stands(text, value).toBe(true));

  test.each([
    ['Free on May 16, 2025?', '2026-05-16'],
    ['Free on May 17?', '2026-05-16'],
    ['Free on May 160?', '2026-05-16'],
    ['Free on May 16 at 10 pm', '2026-05-16 10:00'],
    ['Free on May 16', '2026-05-16 10:00'],
    ['Free at 10 am', '2026-05-16 10:00'],
    ['Free on May 1', '2026-13-01'],
    ['Dismay 16', '2026-05-16'],
  ])('"%s" does not name %s', (text, value) => stands(text, value).toBe(false));

  test.each([
    ['Free on May 16', '2026-05-16 10:00'],
    ['Free on 2026-05-16?', '2026-05-16T10:00'],
    ['Free on 16 May 2026', '2026-05-16'],
  ])('"%s" names the day of %s', (text, value) => stands(text, value, 'day').toBe(true));

  test.each([
    ['Free on May 17', '2026-05-16 10:00'],
    ['Free on 2026-05-17?', '2026-05-16T10:00'],
    ['Free on 16 May 2025', '2026-05-16 10:00'],
  ])('"%s" does not name the day of %s', (text, value) => stands(text, value, 'day').toBe(false));
});
