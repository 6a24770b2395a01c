/**
 * The tables of the regular expressions against the reference's, over every character: classes and
 * case folding. Two verifiers on different platforms agree because neither asks its platform.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { CATEGORIES } from '../../src/biscuit/datalog/regex/tables.ts';
import { casesOf } from '../../src/biscuit/datalog/regex/unicode.ts';
import { compileRegex, testRegex } from '../../src/biscuit/index.ts';
import { effort } from '../effort.ts';
import { closeCharacters, referenceMatches, textOf } from '../reference/index.ts';
import { unwrap } from '../unit/fixtures/issuer.ts';

const PROGRAM_MAX = 2_000;
const STEPS_MAX = 100_000_000;
const TIMEOUT = 300_000; // Milliseconds; all of it takes about 20 seconds on an idle core.
const CODE_POINT_MAX = 0x10ffff;
const PART = 8_000; // Characters per question.
/** Where most scripts end. Beyond it, a short run asks about each eighth character. */
const DENSE_BELOW = 0x3100;
const STRIDE = effort(8, 1);

const scalars = Array.from({ length: CODE_POINT_MAX + 1 }, (_, code) => code).filter(
  (code) =>
    (code < 0xd800 || code > 0xdfff) &&
    (code < DENSE_BELOW || code % STRIDE === 0 || casesOf(code).length > 1),
);
afterAll(closeCharacters);

const matches = (pattern: string, text: string): boolean | undefined =>
  testRegex(unwrap(compileRegex(pattern, PROGRAM_MAX)), text, STEPS_MAX).matched;

/** Splits the characters by our own answer, then asks the reference about each part. */
async function expectSame(item: string, codes: readonly number[], flags = ''): Promise<number> {
  const isIn = unwrap(compileRegex(`${flags}^[${item}]$`, PROGRAM_MAX));
  const parts: [number[], number[]] = [[], []];
  for (const code of codes) {
    const { matched } = testRegex(isIn, String.fromCodePoint(code), STEPS_MAX);
    parts[matched === true ? 0 : 1].push(code);
  }
  for (const [at, part] of parts.entries()) {
    const pattern = `${flags}^[${at === 0 ? item : `^[${item}]`}]+$`;
    for (let from = 0; from < part.length; from += PART) {
      const text = textOf(part.slice(from, from + PART));
      const answers = [await referenceMatches(pattern, text), matches(pattern, text)];
      expect([pattern, part[from]?.toString(16), ...answers]).toEqual([
        pattern,
        part[from]?.toString(16),
        true,
        true,
      ]);
    }
  }
  return parts[0].length;
}

test(
  'every character is in the general category that the reference has it in',
  async () => {
    // Each character is in one of our categories, and the reference is asked about that one only:
    // categories are disjoint.
    let seen = 0;
    for (const name of CATEGORIES.split(' ')) {
      const isIn = unwrap(compileRegex(`^\\p{${name}}$`, PROGRAM_MAX));
      const own = scalars.filter(
        (code) => testRegex(isIn, String.fromCodePoint(code), STEPS_MAX).matched === true,
      );
      seen += own.length;
      for (let from = 0; from < own.length; from += PART) {
        const text = textOf(own.slice(from, from + PART));
        expect([name, await referenceMatches(`^\\p{${name}}+$`, text)]).toEqual([name, true]);
      }
    }
    expect(seen).toBe(scalars.length);
  },
  TIMEOUT,
);

const inUse = scalars.filter((code) => !/[\p{Cn}\p{Co}]/u.test(String.fromCodePoint(code)));

test.each(['\\w', '\\s', '\\d'])(
  'every character is in %s as it is for the reference',
  async (item) => {
    expect(await expectSame(item, inUse)).toBeGreaterThan(20);
  },
  TIMEOUT,
);

const firstOfCases = inUse.filter((code) => casesOf(code).length > 1 && casesOf(code)[0] === code);

test(
  'every character has the cases that it has for the reference, and no others',
  async () => {
    expect(firstOfCases.length).toBeGreaterThan(1_400);
    // Two characters that were mixed up differ in some bit of their positions.
    for (let bit = 1; bit < firstOfCases.length; bit *= 2) {
      for (const value of [0, bit]) {
        const chosen = firstOfCases.filter((_, at) => (at & bit) === value);
        const item = chosen.map((code) => `\\x{${code.toString(16)}}`);
        // A pattern has at most 1,024 bytes; the engines themselves accept longer ones.
        await expectSame(
          item.join(''),
          inUse.filter((code) => code < 0x20000),
          '(?i)',
        );
      }
    }
  },
  TIMEOUT,
);

describe('a class in which case does not count is the same', () => {
  const cased = inUse.filter((code) =>
    [code - 1, code, code + 1].some((near) => casesOf(near).length > 1),
  );
  const ITEMS = [
    ...['A-Z', 'a-z', '^A-Z', '^a-z', 'A-Za-z', 'i', 'I', '^i', 'k', 's', 'ß', 'ſ', 'K', 'å', 'µ'],
    ...['ı', 'İ', 'à-ÿ', 'À-Þ', '^À-ÿ', 'α-ω', 'Α-Ω', '^Α-Ω', 'а-я', '\\x{1c4}-\\x{1cc}', 'ǅ', 'ᾳ'],
    ...['\\x{100}-\\x{17f}', '\\x{1e00}-\\x{1eff}', '\\x{10400}-\\x{1044f}', '\\x{0}-\\x{10ffff}'],
    ...['\\p{Lu}', '\\p{Ll}', '\\p{Lt}', '\\p{L}', '\\p{Lo}', '\\p{Mn}', '\\p{So}', '\\p{Nl}'],
    ...['\\P{Lu}', '\\P{Ll}', '\\P{Lt}', '\\P{L}', '\\w', '\\W', '\\d', '\\D', '\\s', '\\S'],
    ...['[:upper:]', '[:lower:]', '[:alpha:]', '[:^upper:]', '[:^lower:]', '[:word:]', '[:ascii:]'],
    ...['[^A-Z]', '[^\\p{Lu}]', '[^[^a-z]]', 'a[^b]', '^[^a]b', '\\P{Lu}a', '^\\P{Lu}', '0-9_'],
  ];
  test.each(ITEMS)(
    '[%s]',
    async (item) => {
      await expectSame(item, cased, '(?i)');
    },
    TIMEOUT,
  );
  test.each(ITEMS)(
    '[%s] where it counts',
    async (item) => {
      await expectSame(item, cased);
    },
    TIMEOUT,
  );
});
