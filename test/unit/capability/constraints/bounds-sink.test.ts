import { expect, test } from 'vitest';
import { boundsSink, type Constraint } from '../../../../src/capability/index.ts';

test('a constraint of an unknown kind bounds no sink', () => {
  const unknown = { orbits: 'jupiter' } as unknown as Constraint;
  expect(boundsSink(unknown, 'policy')).toBe(false);
  expect(boundsSink({ optional: unknown } as Constraint, 'policy')).toBe(false);
  expect(boundsSink({ every: unknown } as Constraint, 'policy')).toBe(false);
  expect(boundsSink({ allOf: [unknown] } as Constraint, 'policy')).toBe(false);
  // A name that every object inherits is not a kind, and a second member makes a constraint unknown.
  expect(boundsSink({ toString: 1 } as unknown as Constraint, 'policy')).toBe(false);
  expect(boundsSink({ exact: 1, orbits: 2 } as unknown as Constraint, 'policy')).toBe(false);
  expect(boundsSink({} as unknown as Constraint, 'policy')).toBe(false);
});

test('one part that bounds the sink is enough, and a part that does not adds nothing', () => {
  expect(boundsSink({ allOf: [{ length: { max: 8 } }, { exact: 'a' }] }, 'policy')).toBe(true);
  expect(boundsSink({ allOf: [{ length: { max: 8 } }, { glob: '**' }] }, 'policy')).toBe(false);
  expect(boundsSink({ absent: true }, 'policy')).toBe(true);
  expect(boundsSink({ every: { pathBelow: '/' } }, 'policy')).toBe(false);
});
