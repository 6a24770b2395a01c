import { expect, test } from 'vitest';
import { budgetRows } from '../../../src/console/workflow/budgets.ts';

const meter = (key: string, limit: number, used: number, carved = 0) => ({
  key,
  limit,
  used,
  carved,
});

test('names each budget and says how much is used', () => {
  expect(
    budgetRows([
      meter('calls', 1_000, 13),
      meter('denials', 50, 60),
      meter(JSON.stringify(['tool', 'mail.send']), 10, 1, 5),
      meter(JSON.stringify(['sum', 'bank.pay', '/amount']), 500_000_000, 1_500_000),
      meter('newer', 0, 0),
    ]).map(({ name, words, part }) => [name, words, part]),
  ).toEqual([
    ['Calls', '13 of 1,000', 0.013],
    ['Denials', '60 of 50', 1],
    ['Calls of mail.send', '6 of 10, 5 of it for workflows below', 0.6],
    ['Sum of /amount of bank.pay', '1.5 of 500', 0.003],
    ['newer', '0 of 0', 1],
  ]);
});
