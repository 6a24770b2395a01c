import { describe, expect, test } from 'vitest';
import { drillWords, headWords } from '../../../src/console/health/view.ts';

describe('the heads of the feed', () => {
  test.each([
    [[], 'deny', 'unknown'],
    [[{ seq: 4, age: null }], 'unknown', 'none yet'],
    [[{ seq: 4, age: 1 }], 'ok', '1 s old'],
    [[{ seq: 4, age: 3600 }], 'unknown', '1 h old'],
    [
      [
        { seq: 4, age: 2 },
        { seq: 9, age: 30 },
      ],
      'ok',
      '30 s old',
    ],
  ])('%j are %s: %s', (heads, mood, text) => {
    expect(headWords(heads).slice(0, 2)).toEqual([mood, text]);
  });
});

describe('the drills', () => {
  const verdictOf = (ms: number | null) =>
    ms === null ? ('failed' as const) : ms > 15_000 ? ('late' as const) : ('in_time' as const);
  const unproven = { verdict: 'unproven', ms: null } as const;
  const runs = (...all: (number | null)[]) => ({
    bound_ms: 15_000,
    runs: all.map((ms) => ({ verdict: verdictOf(ms), ms })),
  });

  test.each([
    [null, 'unknown', 'off'],
    [runs(), 'unknown', 'none yet'],
    [runs(800, 1200), 'ok', '2 of 2'],
    [runs(800, null), 'deny', '1 of 2'],
    [runs(15_001), 'deny', '0 of 1'],
    [{ ...runs(), runs: [unproven] }, 'unknown', 'unproven'],
    [{ ...runs(), runs: [...runs(800).runs, unproven] }, 'ok', '1 of 1'],
  ])('%j are %s: %s', (drill, mood, text) => {
    expect(drillWords(drill).slice(0, 2)).toEqual([mood, text]);
  });

  test('say how many stops no verifier reported', () => {
    const drill = { ...runs(), runs: [...runs(800).runs, unproven, unproven] };
    expect(drillWords(drill)[2]).toContain('No verifier reported 2 stops.');
  });

  test('say the slowest stop that arrived in time', () => {
    expect(drillWords(runs(800, 2_000, null))[2]).toBe(
      '2 of 3 stops arrived in time, the slowest after 2 s.',
    );
  });
});
