import { expect, test } from 'vitest';
import { type Constraint, lintConstraint } from '../../../../src/capability/index.ts';

const places = (constraint: Constraint) => lintConstraint(constraint).map(({ where }) => where);

test.each<[Constraint, readonly string[]]>([
  [{ number: { max: 50 } }, ['']],
  [{ integer: { max: 50 } }, ['']],
  [{ number: {} }, ['']],
  [{ optional: { number: { max: 50 } } }, ['optional']],
  [{ every: { integer: { max: 50 } } }, ['every']],
  [{ optional: { any: { number: { max: 50 } } } }, ['optional.any']],
  [{ allOf: [{ number: { max: 50 } }, { integer: {} }] }, ['', '']],
  [{ every: { allOf: [{ number: { max: 50 } }] } }, ['every']],
  [{ allOf: [{ every: { number: { max: 1 } } }, { count: { max: 5 } }] }, ['every']],
])('warns of a number without a minimum, which may be negative: %j', (constraint, where) => {
  expect(places(constraint)).toEqual(where);
});

test.each<[Constraint]>([
  [{ number: { min: 0, max: 50 } }],
  [{ number: { min: -50 } }],
  [{ allOf: [{ number: { max: 50 } }, { integer: { min: 1 } }] }],
  [{ every: { allOf: [{ number: { max: 50 } }, { number: { min: 1 } }] } }],
  [{ length: { max: 5 } }],
  [{ count: { max: 5 } }],
  [{ exact: -5 }],
  [{ absent: true }],
  [{ present: true }],
])('does not warn of a number with a minimum, or of another kind: %j', (constraint) => {
  expect(places(constraint)).toEqual([]);
});
