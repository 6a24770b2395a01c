import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRegex, testRegex } from '../../../../src/biscuit/datalog/regex/index.ts';

const PROGRAM_MAX = 2_000;
const STEPS_MAX = 10_000_000;

/** Returns whether the text contains a match, or why the pattern was rejected. */
function search(pattern: string, text: string): boolean | string {
  const regex = compileRegex(pattern, PROGRAM_MAX);
  if (!regex.ok) return regex.error.kind;
  return testRegex(regex.value, text, STEPS_MAX).matched ?? 'steps';
}

// The reference's answers (Rust's regex, through biscuit-wasm 0.6.0).
const ANSWERS: readonly [string, string, boolean][] = [
  ['file[0-9]+.txt', 'file1', false],
  ['file[0-9]+.txt', 'file123.txt', true],
  ['a*c?.e', 'aaabde', true],
  ['', '', true],
  ['^$', '', true],
  ['^$', 'a', false],
  ['a|', 'b', true],
  ['()*a', 'a', true],
  ['a**', 'a', true],
  ['^*a', 'a', true],
  ['a{2}{3}', 'aaaaaa', true],
  ['a{ 1 }', 'a', true],
  ['a{0,0}b', 'b', true],
  ['^x{2,3}y', 'xxxxy', false],
  ['a+??', 'a', true],
  ['}', '}', true],
  [']', ']', true],
  ['[]a]', ']', true],
  ['[^]a]', 'b', true],
  ['[a-]', '-', true],
  ['[-a]', '-', true],
  ['[\\d-]', '-', true],
  ['[a-b-c]', '-', true],
  ['[a[b]]', 'b', true],
  ['[^a[b]]', 'b', false],
  ['[[:alpha:]]', 'x', true],
  ['[[:^alpha:]]', '1', true],
  ['[\\x41-\\x43]', 'B', true],
  ['.', '\n', false],
  ['(?s).', '\n', true],
  ['^.$', '😁', true],
  ['a$', 'a\n', false],
  ['(?m)a$', 'a\nb', true],
  ['(?m)^b', 'a\nb', true],
  ['\\Ab', 'a\nb', false],
  ['a\\z', 'a', true],
  ['\\bcat\\b', 'a cat!', true],
  ['\\bcat\\b', 'concat', false],
  ['\\b', '', false],
  ['\\B', '', true],
  ['\\d', '٣', true],
  ['\\w', 'é', true],
  ['\\s', '\u00a0', true],
  ['\\S', '\u2003', false],
  ['\\pL', 'é', true],
  ['\\P{L}', '1', true],
  ['\\p{Lu}', 'é', false],
  ['\\x{1F601}', '😁', true],
  ['\\u0041\\U00000042\\x43', 'ABC', true],
  ['\\/\\-\\_\\@\\ ', '/-_@ ', true],
  ['(?i)straße', 'STRAẞE', true],
  ['(?i)K', '\u212a', true],
  ['(?i)ſ', 's', true],
  ['(?i)s', 'ſ', true],
  ['(?i)[ς]', 'σ', true],
  ['(?i)σ', 'ς', true],
  ['(?i)ı', 'i', false],
  ['(?i)İ', 'i', false],
  ['(?i)[^k]', '\u212a', false],
  ['(?i)[A-Z]', 'ı', false],
  ['(?i)[^A-Z]', 'ı', true],
  ['(?i)[a-z]', 'İ', false],
  ['(?i)[\\x{0}-\\x{ffff}]', 'ı', true],
  ['(?i)\\p{Lt}', 'ǆ', true],
  ['(?i)\\p{Lt}', 'ᾳ', true],
  ['(?i)\\P{Lu}', 'A', false],
  ['(?i)[^\\p{Lu}]', 'a', false],
  ['(?i)\\p{Lo}', 'a', false],
  ['(?i)\\p{Lu}', 'a', true],
  ['(?i)[[:upper:]]', 'a', true],
  ['(?i:a)b', 'Ab', true],
  ['(?i:a)b', 'AB', false],
  ['((?i)a)b', 'AB', false],
  ['a(?i)b|c', 'C', true],
  ['(?-i)a', 'A', false],
  ['(?P<n>a)(?<m>b)', 'ab', true],
];

test.each(ANSWERS)('/%s/ in %j: %s', (pattern, text, found) => {
  expect(search(pattern, text)).toBe(found);
});

test('a letter newer than the pinned Unicode tables is not a letter, on any platform', () => {
  const sidetic = '\u{10940}'; // Unicode 17.
  expect(search('\\p{Cn}', sidetic)).toBe(true);
  for (const item of ['\\w', '\\p{L}', '\\p{Lo}', '\\b']) expect(search(item, sidetic)).toBe(false);
  // As in the reference: it became another letter in Unicode 17.
  expect(search('\\p{Ll}', '\u0295')).toBe(true);
});

// Rust rejects these patterns, and the reference then answers false.
test.each([
  '*a',
  '+',
  '|*',
  '(?i)*a',
  '{',
  'a{1',
  'a{x}',
  'a{}',
  'a{,3}',
  'a{3,2}',
  'a{4294967296}',
  '(a',
  'a)',
  '[a',
  '[]',
  '[z-a]',
  '[a-\\d]',
  '[\\d-a]',
  '\\',
  '\\1',
  '\\0',
  '\\e',
  '\\Z',
  '\\G',
  '\\K',
  '\\é',
  '\\x{110000}',
  '\\x{1F{3}60}',
  '\\x{D800}',
  '\\xG',
  '\\u{}',
  '(?=a)',
  '(?!a)',
  '(?<=a)b',
  '(?<!a)b',
  '(?>a)',
  '(?',
  '(?)',
  '(?-)',
  '(?i-)',
  '(?ii)',
  '(?i-i)',
  '(?#c)',
  '(?P=n)',
  '(?<>x)',
  '(?<1n>a)',
  '(?<n>a)(?<n>b)',
  '(?P<n',
])('/%s/ is no regular expression', (pattern) => {
  expect(search(pattern, 'a')).toBe('invalid');
});

test.each([
  '[a&&b]',
  '[a-z--b]',
  '[a~~b]',
  '\\<a',
  'a\\>',
  '\\b{start}a',
  '\\p{Greek}',
  '\\p{letter}',
  '(?x) a',
  '(?P<é>a)',
  '(?<ab\u0301>a)',
  '(?-u)a',
  '(?R)a$',
])('/%s/ is outside the subset, and says so', (pattern) => {
  expect(search(pattern, 'a')).toBe('unsupported');
});

describe('size and work', () => {
  test('a program larger than the limit is rejected, however short its pattern', () => {
    expect(search('(a{99}){99}', 'a')).toBe('too_large');
    expect(search('((((a{99}){99}){99}){99}){99}', 'a')).toBe('too_large');
    expect(search(`${'('.repeat(101)}a${')'.repeat(101)}`, 'a')).toBe('too_large');
    expect(compileRegex('a{1999}', PROGRAM_MAX).ok).toBe(true);
    expect(compileRegex('a{2000}', PROGRAM_MAX).ok).toBe(false);
  });

  test('steps grow with the text, not with the number of ways to match it', () => {
    const regex = compileRegex('^(a+)+$', PROGRAM_MAX);
    if (!regex.ok) throw new Error('no regex');
    const steps = (length: number) =>
      testRegex(regex.value, `${'a'.repeat(length)}b`, STEPS_MAX).steps;
    expect(steps(2_000)).toBeLessThan(2.1 * steps(1_000));
    expect(testRegex(regex.value, `${'a'.repeat(1_000)}b`, 500)).toMatchObject({
      matched: undefined,
    });
  });
});

/**
 * A pattern, and a function that maps a position in a text to the positions where a match can end.
 */
type Model = {
  readonly text: string;
  readonly ends: (s: string, at: number) => ReadonlySet<number>;
};

const unit = (text: string, accepts: (character: string) => boolean): Model => ({
  text,
  ends: (s, at) => new Set(at < s.length && accepts(s[at] ?? '') ? [at + 1] : []),
});

const edge = (text: string, holds: (s: string, at: number) => boolean): Model => ({
  text,
  ends: (s, at) => new Set(holds(s, at) ? [at] : []),
});

const wordAt = (s: string, at: number) => /\w/.test(s[at] ?? '');

const follow = (s: string, places: ReadonlySet<number>, { ends }: Model) =>
  new Set([...places].flatMap((place) => [...ends(s, place)]));

function repeat(model: Model, minimum: number, maximum: number, sign: string): Model {
  return {
    text: `(?:${model.text})${sign}`,
    ends: (s, at) => {
      let places: ReadonlySet<number> = new Set([at]);
      for (let i = 0; i < minimum; i++) places = follow(s, places, model);
      const all = new Set(places);
      // Each further round adds a position or is the last.
      for (let i = minimum; i < maximum && i < minimum + s.length + 1; i++) {
        places = follow(s, places, model);
        for (const place of places) all.add(place);
      }
      return all;
    },
  };
}

const { model } = fc.letrec<{ model: Model; leaf: Model }>((tie) => ({
  leaf: fc.constantFrom(
    unit('a', (c) => c === 'a'),
    unit('b', (c) => c === 'b'),
    unit('[a-c]', (c) => c >= 'a' && c <= 'c'),
    unit('[^a\\d]', (c) => c !== 'a' && !/\d/.test(c)),
    unit('\\w', (c) => /\w/.test(c)),
    unit('.', (c) => c !== '\n'),
    edge('^', (_, at) => at === 0),
    edge('$', (s, at) => at === s.length),
    edge('\\b', (s, at) => wordAt(s, at - 1) !== wordAt(s, at)),
    edge('(?m:^)', (s, at) => at === 0 || s[at - 1] === '\n'),
  ),
  model: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.tuple(tie('model'), tie('model')).map(([a, b]) => ({
      text: `${a.text}${b.text}`,
      ends: (s: string, at: number) => follow(s, a.ends(s, at), b),
    })),
    fc.tuple(tie('model'), tie('model')).map(([a, b]) => ({
      text: `(?:${a.text}|${b.text})`,
      ends: (s: string, at: number) => new Set([...a.ends(s, at), ...b.ends(s, at)]),
    })),
    tie('model').map((inner) => repeat(inner, 0, Number.POSITIVE_INFINITY, '*')),
    tie('model').map((inner) => repeat(inner, 1, Number.POSITIVE_INFINITY, '+?')),
    tie('model').map((inner) => repeat(inner, 0, 1, '?')),
    tie('model').map((inner) => repeat(inner, 2, 3, '{2,3}')),
  ),
}));

test('agrees with a naive model on small patterns and texts', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ' ', '\n'), maxLength: 7 });
  fc.assert(
    fc.property(model, text, (pattern, s) => {
      const wanted = Array.from({ length: s.length + 1 }, (_, at) => at).some(
        (at) => pattern.ends(s, at).size > 0,
      );
      expect([pattern.text, search(pattern.text, s)]).toEqual([pattern.text, wanted]);
    }),
    { numRuns: 5_000 },
  );
});
