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
    // As JSON.parse has it: `__proto__` is a member like any other.
    fc
      .dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), { maxKeys: 3 })
      .map((members): Json => JSON.parse(JSON.stringify(members))),
  ),
})).value;

test('what a request states comes back as it was', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(fromTerm(toTerm(value))).toEqual(value);
    }),
  );
});

test('a constraint is written in a policy as in JSON', () => {
  const text = '{"every": {"matches": "[a-z]+@acme\\\\.example"}}';
  const term = parseTerm(text);
  expect(term.ok && fromTerm(term.value)).toEqual(JSON.parse(text));
});

test('a fraction is a text, which no constraint has in its place', () => {
  expect(toTerm({ number: { max: 0.5 } })).toEqual(
    map([{ key: string('number'), value: map([{ key: string('max'), value: string('0.5') }]) }]),
  );
});

test.each([
  ['a set', set([string('a')])],
  ['a date', date(1)],
  ['a number beyond what JSON carries exactly', integer(2n ** 60n)],
  ['a map by numbers', map([{ key: integer(1), value: string('a') }])],
  ['one of them inside', array([set([string('a')])])],
])('%s is no JSON', (_, term) => expect(fromTerm(term)).toBeUndefined());
