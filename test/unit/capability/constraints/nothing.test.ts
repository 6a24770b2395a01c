import { expect, test } from 'vitest';
import {
  allowsOnlyNothing,
  type Constraint,
  valuesAllowed,
} from '../../../../src/capability/index.ts';

test.each<Constraint>([
  { absent: true },
  { empty: true },
  { exact: null },
  { exact: '' },
  { optional: { exact: null } },
  { allOf: [{ count: { max: 0 } }, { every: { exact: '' } }] },
])('%j allows no value, so it names no destination', (constraint) => {
  expect(allowsOnlyNothing(constraint)).toBe(true);
  expect(valuesAllowed(constraint)).toEqual([]);
});

test.each<[Constraint, readonly unknown[] | undefined]>([
  [{ exact: 'a' }, ['a']],
  [{ optional: { oneOf: [1, 2] } }, [1, 2]],
  [{ subsetOf: ['a', 'b'] }, ['a', 'b']],
  [{ anyOf: [{ oneOf: ['a', 'b'] }, { empty: true }] }, ['a', 'b']],
  [{ allOf: [{ oneOf: ['a', 'b'] }, { prefix: 'a' }] }, ['a', 'b']],
  [{ exact: 0 }, [0]],
  [{ exact: false }, [false]],
  [{ prefix: 'a' }, undefined],
  [{ present: true }, undefined],
  [{ anyOf: [{ exact: 'a' }, { prefix: 'b' }] }, undefined],
])('%j allows a value, and lists %j', (constraint, values) => {
  expect(allowsOnlyNothing(constraint)).toBe(false);
  expect(valuesAllowed(constraint)).toEqual(values);
});
