import { expect, test } from 'vitest';
import { historyRows } from '../../../src/console/workflow/history-rows.ts';

const rule = (change: object) => ({
  rule: 'a-day',
  words: 'At most 3000.',
  scope: 'subject',
  of: 'alice',
  ...change,
});

test('says how much of each rule over history is used, and by whom', () => {
  expect(
    historyRows([
      rule({ used: 1_200.5, reserved: 100, most: 3_000 }),
      rule({ scope: 'workflow', of: 'wf_a', used: 2 }),
      rule({ most: 3_000 }),
      rule({ used: 1, most: 0 }),
    ]).map(({ text, part }) => [text, part]),
  ).toEqual([
    ['1,200.5 of 3,000, 100 of it reserved, by subject alice', 1_200.5 / 3_000],
    ['2, by this workflow and those below it', undefined],
    ['use unknown, by subject alice', undefined],
    ['1 of 0, by subject alice', 1],
  ]);
});
