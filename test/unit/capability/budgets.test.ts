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

test('parses budgets without changing them', () => {
  expect(parseBudgets(JSON.parse(JSON.stringify(WHOLE)))).toEqual({ ok: true, value: WHOLE });
  expect(parseBudgets({})).toEqual({ ok: true, value: {} });
});

test.each<[string, unknown, string]>([
  ['not an object', null, ''],
  ['a list', [], ''],
  ['a misspelt member', { call: 1 }, 'call'],
  ['a text', { calls: '1' }, 'calls'],
  ['a fraction', { calls: 1.5 }, 'calls'],
  ['a negative number', { denials: -1 }, 'denials'],
  ['a number that is not exact', { calls: 2 ** 53 }, 'calls'],
  ['infinity', { wallSeconds: Number.POSITIVE_INFINITY }, 'wallSeconds'],
  ['a lifetime of 0 seconds', { wallSeconds: 0 }, 'wallSeconds'],
  ['null for a missing limit', { delegationDepth: null }, 'delegationDepth'],
  ['an invalid tool name', { tools: [{ tool: 'a\n', calls: 1 }] }, 'tools.0.tool'],
  ['a tool without a limit', { tools: [{ tool: 'a' }] }, 'tools.0.calls'],
  ['a repeated tool', { tools: [WHOLE.tools?.[0], WHOLE.tools?.[0]] }, 'tools'],
  [
    'a sum over the elements of a list',
    { sums: [{ tool: 'a', pointer: '/items/*/amount', micros: 1 }] },
    'sums.0.pointer',
  ],
  ['an invalid pointer', { sums: [{ tool: 'a', pointer: 'x', micros: 1 }] }, 'sums.0.pointer'],
  ['a repeated sum', { sums: [WHOLE.sums?.[0], WHOLE.sums?.[0]] }, 'sums'],
])('refuses budgets that are not valid: %s', (_, input, where) => {
  expect(parseBudgets(input)).toMatchObject({
    ok: false,
    error: { code: 'budgets_invalid', where },
  });
});

test('combines budgets to the smallest of each limit, in any order', () => {
  const other: Budgets = { calls: 50, denials: 4, tools: [{ tool: 'write', calls: 1 }] };
  const smallest = { ...WHOLE, denials: 4, tools: [{ tool: 'write', calls: 1 }] };
  expect(smallestBudgets([WHOLE, other])).toEqual(smallest);
  expect(smallestBudgets([other, WHOLE, {}])).toEqual(smallest);
  expect(smallestBudgets([])).toEqual({});
});
