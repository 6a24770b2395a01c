import { describe, expect, test } from 'vitest';
import { readText, type TextReading } from '../../../src/capability/text-reading.ts';
import { UNSEEN } from '../../../src/unseen.ts';
import { unwrap } from '../fixtures/issuer.ts';

const reading = (text: string): TextReading => unwrap(readText(text));
const forms = (text: string) => reading(text).forms.join(' ');

describe('a text has the forms in which every target reads it alike:', () => {
  test.each([
    ['', 'text'],
    ['Quarterly report: 50 %', 'text'],
    ['é', 'text path'],
    ['reports/q3.md', 'text path'],
    ['/srv/data', 'text path'],
    ['10.0.0.1', 'text path ip'],
    ['fd00::1', 'text ip'],
    ['https://api.example/v1?x=y#z', 'text url query public'],
    ['https://api.example/v1?x=y&X=z', 'text url public'],
    ['https://10.0.0.1/v1', 'text url query'],
    ['HTTPS://Api.Example.:8443/v1', 'text url query public'],
    ['8.8.8.8', 'text path ip public'],
    ['db.internal', 'text path'],
    ['wss://[::1]/', 'text url query'],
  ])('%j: %s', (text, expected) => expect(forms(text)).toBe(expected));
});

describe('a text with two readings lacks the form:', () => {
  test.each([
    ['another Unicode form', 'e\u0301', ''],
    ['a line break', 'a\nb', ''],
    ['a NUL', 'a\u0000b', ''],
    ['a zero-width space', 'a\u200bb', ''],
    ['a right-to-left override', 'a\u202eb', ''],
    ['a Hangul filler', 'a\u3164', ''],
    ['a half-width Hangul filler', 'a\uffa0', ''],
    ['a Hangul syllable filler', '\u115fa', ''],
    ['a grapheme joiner', 'a\u034fb', ''],
    ['a variation selector', 'a\ufe0f', ''],
    ['a supplementary variation selector', 'a\u{e0100}', ''],
    ['a vowel that is not drawn', 'a\u17b4', ''],
    ['a soft hyphen', 'a\u00adb', ''],
    ['a tag', 'a\u{e0041}', ''],
    ['a Braille cell without dots', 'a\u2800', ''],
    ['a no-break space', 'a\u00a0b', ''],
    ['an em space', 'a\u2003b', ''],
    ['an ideographic space', 'a\u3000b', ''],
    ['an unassigned character', 'a\u0378', ''],
    ['a dot segment', 'a/../b', 'text'],
    ['an empty segment', 'a//b', 'text'],
    ['a trailing slash', 'a/', 'text'],
    ['an encoded dot', 'a/%2e%2e/b', 'text'],
    ['a backslash', 'a\\b', 'text'],
    ['a home directory', '~/a', 'text'],
    ['a drive', 'C:/a', 'text'],
    ['user info', 'https://good.example@evil.example/', 'text'],
    ['empty user info', 'https://@good.example/', 'text'],
    ['an at character after a question mark', 'https://good.example?@evil.example/', 'text'],
    ['an encoded host', 'https://g%6fod.example/', 'text'],
    ['a host in Unicode', 'https://bücher.example/', 'text'],
    ['an octal host', 'http://0177.0.0.1/', 'text'],
    ['a short host', 'http://127.1/', 'text'],
    ['a mapped host', 'http://[::ffff:127.0.0.1]/', 'text'],
    ['two trailing dots after the host', 'https://good.example../', 'text'],
    ['a padded port', 'https://good.example:0443/', 'text'],
    ['an empty port', 'https://good.example:/', 'text'],
    ['an opaque host', 'git://good.example/', 'text'],
    ['a character that only some parsers accept', 'https://good.example/a|b', 'text'],
    ['a path in Unicode', 'https://good.example/é', 'text'],
    ['an octal address', '010.0.0.1', 'text path'],
  ])('%s', (_, text, expected) => expect(forms(text)).toBe(expected));

  test('more than 2048 characters', () => {
    expect(forms('a'.repeat(2_048))).toBe('text');
    expect(forms('a'.repeat(2_049))).toBe('');
  });
});

test.each([
  ['', 0],
  ['abc', 3],
  ['é', 1],
  ['e\u0301', 2],
  ['😀', 1],
  ['👩‍👧', 3],
])('%j has a length of %d code points', (text, length) => {
  expect(reading(text).length).toBe(length);
});

test('the port of a URL is the written one, or the default of its scheme', () => {
  expect(reading('https://a.example/').url).toMatchObject({ port: 443 });
  expect(reading('http://a.example:8080/').url).toMatchObject({ port: 8080 });
  expect(reading('https://a.example:443/').url).toMatchObject({ port: 443 });
});

describe('an invisible character', () => {
  const scalars = Array.from({ length: 0x110000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code));

  test('is every character that the platform ignores by default, and few others', () => {
    const ignored = scalars.filter((character) =>
      /\p{Default_Ignorable_Code_Point}/u.test(character),
    );
    expect(ignored.length).toBeGreaterThan(4_000);
    expect(ignored.filter((character) => !UNSEEN.test(character))).toEqual([]);
    const others = scalars.filter(
      (character) =>
        UNSEEN.test(character) && !/[\p{Default_Ignorable_Code_Point}\p{C}]/u.test(character),
    );
    expect(others.map((character) => character.codePointAt(0)?.toString(16))).toEqual([
      ...['2800', '2d7f', 'fffc', '13441', '13442', '16fe4', '1d159'],
    ]);
  });

  test('removes the forms of a text and a path, wherever it is', () => {
    for (const character of scalars.filter((one) => UNSEEN.test(one))) {
      for (const text of [character, `a${character}`, `${character}a`, `a${character}b`]) {
        expect([text.codePointAt(0), readText(text)]).toMatchObject([
          text.codePointAt(0),
          { value: { forms: [] } },
        ]);
      }
    }
  });
});
