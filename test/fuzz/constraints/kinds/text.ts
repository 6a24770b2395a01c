import fc from 'fast-check';
import type { ValueConstraint } from '../../../../src/capability/index.ts';
import type { Models } from './model.ts';
import { counts, isWithin, numbers } from './number.ts';

/** Kinds that compare text, or any scalar, as it is. */

const texts = fc.constantFrom(
  ...['GB1', 'GB2', '', ' ', '9000', 'true', 'null', 'é', 'straße', '😀', 'x"); allow if true; //'],
  ...['a@acme.example', 'reports/q3.md', 'https://api.example/v1', '10.0.0.1', '{p0}', '$v'],
);
const someTexts = fc.uniqueArray(texts, { minLength: 1, maxLength: 4 });
const someNumbers = fc.uniqueArray(numbers, { minLength: 1, maxLength: 3 });
export const valueLists = fc.oneof(someTexts, someNumbers);

const affixes = fc.constantFrom('GB', 'x', '@acme.example', 'é', '😀', ' ', '.md', '%', 'refs-');

// Without named classes, which are Unicode's in the engine and ASCII's in the model.
const PATTERNS: Readonly<Record<string, readonly string[]>> = {
  'GB[0-9]+': ['GB1', 'GB22', 'GB', 'xGB1', 'GB1\n'],
  'a|b': ['a', 'b', 'ab', 'ac'],
  '[a-z.]+@acme\\.example': ['a.b@acme.example', 'a@acmexexample', 'b,a@acme.example'],
  '': ['', 'x'],
  '(?:ab)*': ['', 'abab', 'aba'],
  '.{2,3}': ['ab', '😀😀', 'abcd', 'a\n'],
  '[^@]*': ['x', '', 'a@b', 'é'],
};

const FORM_UNITS_MAX = 2_048;

/** By the properties of the platform, where the code under test has a list of its own. */
export const isHidden = (c: string): boolean =>
  /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u.test(c)
    ? c !== ' '
    : ['\u2800', '\u2d7f', '\ufffc', '\u{13441}', '\u{13442}', '\u{16fe4}', '\u{1d159}'].includes(
        c,
      );

export const isPlainText = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length <= FORM_UNITS_MAX &&
  value.normalize('NFC') === value &&
  ![...value].some(isHidden);

type Kind = 'exact' | 'oneOf' | 'prefix' | 'suffix' | 'length' | 'matches';

export const TEXTS: Pick<Models<ValueConstraint>, Kind> = {
  exact: {
    samples: fc
      .oneof(texts, numbers, fc.constantFrom(true, false, null))
      .map((value) => ({ constraint: { exact: value }, values: [value] })),
    isMet: (value, exact) => value === exact,
  },
  oneOf: {
    samples: valueLists.map((values) => ({ constraint: { oneOf: values }, values })),
    isMet: (value, list) => (list as readonly unknown[]).includes(value),
  },
  prefix: {
    samples: affixes.map((affix) => ({
      constraint: { prefix: affix },
      values: [affix, `${affix}1`, `${affix}${affix}`, `${affix}\u00e9`],
    })),
    isMet: (value, start) => isPlainText(value) && value.slice(0, start.length) === start,
  },
  suffix: {
    samples: affixes.map((affix) => ({
      constraint: { suffix: affix },
      values: [affix, `1${affix}`, `${affix}${affix}`],
    })),
    isMet: (value, end) => isPlainText(value) && value.endsWith(end),
  },
  length: {
    samples: counts.map((limits) => ({
      constraint: { length: limits },
      values: ['', 'a', '😀', 'ab', '😀é', 'e\u0301', '👩‍👧', 'abcdef', '😀😀😀😀'],
    })),
    isMet: (value, limits) => typeof value === 'string' && isWithin([...value].length, limits),
  },
  matches: {
    samples: fc
      .constantFrom(...Object.keys(PATTERNS))
      .map((pattern) => ({ constraint: { matches: pattern }, values: PATTERNS[pattern] ?? [] })),
    // The patterns above mean the same to this engine.
    isMet: (value, pattern) =>
      isPlainText(value) && new RegExp(`^(?:${pattern})$`, 'u').test(value),
  },
};
