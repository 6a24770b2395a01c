import { expect, test } from 'vitest';
import { isWithin } from '../../src/clock.ts';

test.each([
  [100, 100, true],
  [100, 109, true],
  [100, 110, false],
  // The clock has gone back: how long ago it was is unknown, so it is not within anything.
  [100, 99, false],
  [100, -1_000, false],
  [Number.NEGATIVE_INFINITY, 100, false],
])('what happened at %d is, at %d, within 10: %s', (since, now, expected) => {
  expect(isWithin(since, now, 10)).toBe(expected);
});
