import { expect, test } from 'vitest';
import { type Budgets, parseBudgets, smallestBudgets } from '../../../src/capability/index.ts';

const WHOLE: Budgets = {
  calls: 40,
  denials: 5,
  wallSeconds: 3_600,
  delegationDepth: 0,
  tools: [{ tool: 'write', calls: 2 }],
  sums: [{ tool: 'bank.send', pointer: '/amount', micros: 50_000_000 }],
};

test('budgets are read as they were written', () => {
  expect(parseBudgets(JSON.parse(JSON.stringify(WHOLE)))).toEqual({ ok: true, value: WHOLE });
  expect(parseBudgets({})).toEqual({ ok: true, value: {} });
});

test.each<[string, unknown, string]>([
  ['no object', null, ''],
  ['a list', [], ''],
  ['a misspelt member', { call: 1 }, 'call'],
  ['a text', { calls: '1' }, 'calls'],
  ['a fraction', { calls: 1.5 }, 'calls'],
  ['less than none', { denials: -1 }, 'denials'],
  ['what is no exact number', { calls: 2 ** 53 }, 'calls'],
  ['infinity', { wallSeconds: Number.POSITIVE_INFINITY }, 'wallSeconds'],
  ['no time at all', { wallSeconds: 0 }, 'wallSeconds'],
  ['null for none', { delegationDepth: null }, 'delegationDepth'],
  ['a name that is none', { tools: [{ tool: 'a\n', calls: 1 }] }, 'tools.0.tool'],
  ['a tool without a bound', { tools: [{ tool: 'a' }] }, 'tools.0.calls'],
  ['a tool twice', { tools: [WHOLE.tools?.[0], WHOLE.tools?.[0]] }, 'tools'],
  [
    'the elements of a list, of which no sum is taken',
    { sums: [{ tool: 'a', pointer: '/items/*/amount', micros: 1 }] },
    'sums.0.pointer',
  ],
  ['a pointer that is none', { sums: [{ tool: 'a', pointer: 'x', micros: 1 }] }, 'sums.0.pointer'],
  ['a sum twice', { sums: [WHOLE.sums?.[0], WHOLE.sums?.[0]] }, 'sums'],
])('what is no budget is refused: %s', (_, input, where) => {
  expect(parseBudgets(input)).toMatchObject({
    ok: false,
    error: { code: 'budgets_invalid', where },
  });
});

test('of several the smallest of each bound counts, in whatever order', () => {
  const other: Budgets = { calls: 50, denials: 4, tools: [{ tool: 'write', calls: 1 }] };
  const smallest = { ...WHOLE, denials: 4, tools: [{ tool: 'write', calls: 1 }] };
  expect(smallestBudgets([WHOLE, other])).toEqual(smallest);
  expect(smallestBudgets([other, WHOLE, {}])).toEqual(smallest);
  expect(smallestBudgets([])).toEqual({});
});
