import { expect, test } from 'vitest';
import { type Constraint, leavesOpen } from '../../../../src/capability/index.ts';

test('a kind of constraint that nobody classified leaves its sink open', () => {
  const unknown = { atTheMoonOf: 'jupiter' } as unknown as Constraint;
  expect(leavesOpen(unknown, 'policy')).toBe(true);
  expect(leavesOpen({ optional: unknown } as Constraint, 'policy')).toBe(true);
  expect(leavesOpen({ every: unknown } as Constraint, 'policy')).toBe(true);
  expect(leavesOpen({ allOf: [unknown] } as Constraint, 'policy')).toBe(true);
  // Neither a name that every object inherits, nor a known kind beside an unknown one.
  expect(leavesOpen({ toString: 1 } as unknown as Constraint, 'policy')).toBe(true);
  expect(leavesOpen({ exact: 1, atTheMoonOf: 2 } as unknown as Constraint, 'policy')).toBe(true);
  expect(leavesOpen({} as unknown as Constraint, 'policy')).toBe(true);
});

test('one closed constraint among several closes the sink, and an open one does not', () => {
  expect(leavesOpen({ allOf: [{ length: { max: 8 } }, { exact: 'a' }] }, 'policy')).toBe(false);
  expect(leavesOpen({ allOf: [{ length: { max: 8 } }, { glob: '**' }] }, 'policy')).toBe(true);
  expect(leavesOpen({ absent: true }, 'policy')).toBe(false);
  expect(leavesOpen({ every: { pathBelow: '/' } }, 'policy')).toBe(true);
});
