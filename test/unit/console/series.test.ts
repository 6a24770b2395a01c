import { describe, expect, test } from 'vitest';
import {
  type SeriesPoint,
  seriesRows,
  seriesWords,
  stepOf,
  stepWords,
  toColumns,
} from '../../../src/console/now/series.ts';

const START = Date.parse('2026-11-28T10:00:00Z') / 1000;
const minute = (n: number, calls: number, denials = 0, mints = 0): SeriesPoint => [
  START + n * 60,
  calls,
  denials,
  mints,
];

describe('the series of the page Now', () => {
  test('is one array for each line of the plot', () => {
    expect(toColumns([minute(0, 4, 1, 2), minute(1, 7)])).toEqual({
      at: [START, START + 60],
      calls: [4, 7],
      denials: [1, 0],
      mints: [2, 0],
    });
  });

  test.each([
    [3_600, 60],
    [6 * 3_600, 300],
    [24 * 3_600, 900],
    [48 * 3_600, 3_600],
    [400 * 3_600, 3_600],
  ])('has steps that a person can tell apart: of %d s, steps of %d s', (seconds, step) => {
    expect(stepOf(seconds)).toBe(step);
  });

  test('says in one sentence what the plot shows', () => {
    expect(seriesWords([minute(0, 10, 0, 3), minute(1, 1, 4, 1), minute(2, 2)], 'UTC')).toBe(
      'From 10:00 to 10:02: 13 calls, 4 mints and 4 denials. Most denials at once: 4, at 10:01.',
    );
    expect(seriesWords([minute(0, 1)], 'UTC')).toBe(
      'From 10:00 to 10:00: 1 call, 0 mints and 0 denials.',
    );
    expect(seriesWords([])).toBe('No calls yet.');
  });

  test('reads a single step', () => {
    expect(stepWords(minute(5, 1_200, 1, 2), 'UTC')).toBe('10:05: 1,200 calls, 2 mints, 1 denial');
  });

  test('is also a table, newest first', () => {
    const points = Array.from({ length: 60 }, (_, n) => minute(n, 1, n % 10 === 0 ? 1 : 0, 2));
    const rows = seriesRows(points);
    expect(rows).toHaveLength(6);
    expect(rows[0]).toEqual({ from: (START + 3_000) * 1000, calls: 10, denials: 1, mints: 20 });
    expect(seriesRows([])).toEqual([]);
  });
});
