import { describe, expect, test } from 'vitest';
import { CONSTRAINT_EXAMPLES } from '../../scripts/docs/constraint-kinds.ts';
import { argumentWords, constraintWords, limitWords } from '../../src/constraint-words/index.ts';

const UNKNOWN = /^in a form that this release has no words for: /;

test('every kind of constraint has words of its own', () => {
  const words = CONSTRAINT_EXAMPLES.map(([, example]) => constraintWords(example));
  expect(words.filter((one) => UNKNOWN.test(one))).toEqual([]);
  expect(new Set(words).size).toBe(CONSTRAINT_EXAMPLES.length);
});

test.each([
  [{ exact: 'GB1' }, 'exactly "GB1"'],
  [{ oneOf: [1, 2] }, 'one of 1, 2'],
  [{ number: { min: 0, max: 50 } }, 'a number: at least 0 and at most 50'],
  [{ number: {} }, 'a number, of any size'],
  [
    { url: { schemes: ['https'], hostSuffix: 'acme.example', port: 8443, query: {} } },
    'a URL with https at the host "acme.example" or one below it, on port 8443, without a query',
  ],
  [
    { url: { schemes: ['https'], public: true, query: { q: true, n: ['1'] } } },
    'a URL with https at any public host, with no parameter but q (any value), n (["1"])',
  ],
  [
    { each: { sku: { oneOf: ['A1'] }, note: { optional: { present: true } } } },
    'a list of objects with nothing but sku (one of "A1"), note (left out, or any value but null)',
  ],
  [{ cidr: ['10.0.0.0/8', 'fd00::/8'] }, 'an IP address in "10.0.0.0/8" or "fd00::/8"'],
])('%j is %j', (constraint, words) => {
  expect(constraintWords(constraint)).toBe(words);
});

describe('says from where a value may come', () => {
  test.each([
    ['=CH93', 'is "CH93"'],
    ['#7.5', 'is 7.5'],
    ['prompt', 'stands in the request of the user'],
    ['self', 'the issuer knows of the person'],
    ['approved', 'a person approves for this call'],
    ['own:iban', 'was read as iban from a field that the holder of the account fills'],
    [
      'peer:email named',
      'was read as email from a field that another party fills, of an object that the request of the user names',
    ],
    [
      { tool: 'crm.find', pointer: '/*/id', dataset: 'crm/eu', named: true },
      'was read from "/*/id" of an answer of "crm.find" about "crm/eu", of an object that the request of the user names',
    ],
    [{ tool: 'bank.iban', pointer: '' }, 'was read from an answer of "bank.iban"'],
  ])('%j: a value that %s', (origin, words) => {
    expect(constraintWords({ from: [origin] })).toBe(`a value that ${words}`);
    expect(constraintWords({ every: { from: [origin, 'prompt'] } })).toBe(
      `a list, each element of it: a value that ${words}, or that stands in the request of the user`,
    );
  });
});

test('two constraints that mean different things never have the same words', () => {
  const a = { exact: 1 };
  const b = { exact: 2 };
  const pairs = [
    [{ every: { allOf: [a, b] } }, { allOf: [{ every: a }, b] }],
    [{ optional: { allOf: [a, b] } }, { allOf: [{ optional: a }, b] }],
    [{ exact: '1, 2' }, { oneOf: ['1, 2'] }],
    [{ oneOf: ['a", "b'] }, { oneOf: ['a', 'b'] }],
  ];
  for (const [one, other] of pairs) expect(constraintWords(one)).not.toBe(constraintWords(other));
});

describe('a form that is not known', () => {
  test.each([
    { later: 1 },
    { exact: 1, later: 2 },
    { url: { schemes: ['https'], host: 'a.example', later: true } },
    { every: { later: 1 } },
    { anyOf: [{ exact: 1 }, { later: 1 }] },
    { each: { a: { later: 1 } } },
    { number: { min: 0, step: 1 } },
    { oneOf: 'a' },
    { prefix: 1 },
    { empty: false },
    { from: ['later'] },
    { from: [] },
    { from: [{ tool: 'a', pointer: '', later: 1 }] },
    {},
    'text',
    null,
  ])('%j is shown as it is, and marked', (constraint) => {
    const words = constraintWords(constraint);
    expect(words).toMatch(UNKNOWN);
    expect(words.endsWith(JSON.stringify(constraint))).toBe(true);
  });

  test('stands for the arguments as a whole where they have one', () => {
    const constraints = { arguments: ['a'], constraints: {}, later: 1 };
    expect(argumentWords(constraints)).toEqual([
      { pointer: '', words: expect.stringMatching(UNKNOWN) },
    ]);
  });
});

test('a grant without constraints takes whatever the catalogue lists', () => {
  expect(limitWords(undefined)).toEqual(['arguments: any that the catalogue lists']);
  expect(limitWords({ arguments: [], constraints: {} })).toEqual(['arguments: none']);
});

test('hidden characters are written as their code points', () => {
  const constraints = { arguments: ['a\u202e'], constraints: { '/a\u202e': { exact: '\u200b' } } };
  expect(limitWords(constraints)).toEqual([
    'arguments: a\\u{202e}',
    '/a\\u{202e}: exactly "\\u{200b}"',
  ]);
  expect(argumentWords(constraints)[1]?.pointer).toBe('/a\u202e');
});
