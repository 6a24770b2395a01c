import fc from 'fast-check';
import { expect, test } from 'vitest';
import { array, date, integer, map, parseTerm, set, string } from '../../../src/biscuit/index.ts';
import type { Json } from '../../../src/canonical-json.ts';
import { fromTerm, toTerm } from '../../../src/policy/json-terms.ts';

const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(fc.string(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 3 }),
    // From JSON.parse, `__proto__` is an ordinary member.
    fc
      .dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), { maxKeys: 3 })
      .map((members): Json => JSON.parse(JSON.stringify(members))),
  ),
})).value;

test('converts JSON to a term and back', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(fromTerm(toTerm(value))).toEqual(value);
    }),
  );
});

test('a policy writes a constraint as JSON', () => {
  const text = '{"every": {"matches": "[a-z]+@acme\\\\.example"}}';
  const term = parseTerm(text);
  expect(term.ok && fromTerm(term.value)).toEqual(JSON.parse(text));
});

test('a fraction becomes a string, which no constraint accepts', () => {
  expect(toTerm({ number: { max: 0.5 } })).toEqual(
    map([{ key: string('number'), value: map([{ key: string('max'), value: string('0.5') }]) }]),
  );
});

test.each([
  ['a set', set([string('a')])],
  ['a date', date(1)],
  ['an integer that JSON does not represent exactly', integer(2n ** 60n)],
  ['a map with integer keys', map([{ key: integer(1), value: string('a') }])],
  ['a nested set', array([set([string('a')])])],
])('%s has no JSON form', (_, term) => expect(fromTerm(term)).toBeUndefined());
