import { expect, test } from 'vitest';
import {
  commitHistory,
  EMPTY_HISTORY,
  type HistoryRule,
  type HistoryState,
  measure,
  refundHistory,
  reserveHistory,
  usesOf,
} from '../../../src/history/index.ts';

const common = { tools: ['pay'], scope: 'workflow', within: 3_600, reason: 'a test' } as const;
const RULES: readonly HistoryRule[] = [
  { ...common, id: 'calls', kind: 'calls', most: 5 },
  { ...common, id: 'sum', kind: 'sum', argument: '/amount', mostMicros: 10_000_000 },
  { ...common, id: 'distinct', kind: 'distinct', argument: '/to', most: 2 },
  { ...common, id: 'after', kind: 'after', of: ['ask'], result: 'ok', least: 1 },
];

/** Calls of `pay`, one a second. */
const paid = (...calls: readonly (readonly [nonce: string, amount: number, to: string])[]) => {
  let state = commitHistory(
    reserve(EMPTY_HISTORY, { tool: 'ask', nonce: 'ask', measured: {} }, 0),
    'ask',
    'ok',
  );
  for (const [i, [nonce, amount, to]] of calls.entries()) {
    const measured = measure({ amount, to }, ['/amount', '/to']);
    state = reserve(state, { tool: 'pay', nonce, measured }, i);
  }
  return state;
};
function reserve(
  state: HistoryState,
  call: Parameters<typeof reserveHistory>[2],
  now: number,
): HistoryState {
  const reserved = reserveHistory(RULES, state, call, now);
  if (!reserved.ok) throw new Error(JSON.stringify(reserved.error));
  return reserved.value;
}
const numbers = (state: HistoryState, now: number) =>
  usesOf(RULES, state, now).map(({ rule, used, reserved }) => [rule, used, reserved]);

test('what is reserved may still be given back, and what is settled may not', () => {
  const state = paid(['a', 0.1, 'x'], ['b', 0.2, 'y']);
  expect(numbers(state, 2)).toEqual([
    ['calls', 2, 2],
    ['sum', 0.3, 0.3],
    ['distinct', 2, 2],
    ['after', 1, 0],
  ]);
  const settled = commitHistory(state, 'a', 'ok');
  expect(numbers(settled, 2)).toEqual([
    ['calls', 2, 1],
    ['sum', 0.3, 0.2],
    ['distinct', 2, 1],
    ['after', 1, 0],
  ]);
  // Ten minutes later, no charge can be given back.
  expect(numbers(settled, 700).map(([, , reserved]) => reserved)).toEqual([0, 0, 0, 0]);
  expect(numbers(refundHistory(settled, 'b'), 2)).toEqual([
    ['calls', 1, 0],
    ['sum', 0.1, 0],
    ['distinct', 1, 0],
    ['after', 1, 0],
  ]);
});

test('what is older than a rule counts is not used', () => {
  const state = paid(['a', 4, 'x']);
  expect(numbers(state, 4_000).map(([, used]) => used)).toEqual([0, 0, 0, 0]);
});
