import { expect, test } from 'vitest';
import {
  isWithin,
  toMilliseconds,
  toSeconds,
  type UnixMilliseconds,
  type UnixSeconds,
} from '../../src/clock.ts';

test('a time in milliseconds does not compile where seconds are expected, nor the reverse', () => {
  const milliseconds: UnixMilliseconds = 1_700_000_000_999;
  const seconds: UnixSeconds = toSeconds(milliseconds);
  expect(seconds).toBe(1_700_000_000);
  // @ts-expect-error: milliseconds for seconds
  const late: UnixSeconds = milliseconds;
  // @ts-expect-error: seconds for milliseconds
  const early: UnixMilliseconds = seconds;
  expect([late, early]).toEqual([milliseconds, seconds]);
  expect(toMilliseconds(seconds)).toBe(1_700_000_000_000);
});

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
