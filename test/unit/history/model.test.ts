import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  commitHistory,
  EMPTY_HISTORY,
  type HistoryRule,
  type HistoryState,
  measure,
  refundHistory,
  reserveHistory,
} from '../../../src/history/index.ts';

/** One rule of each kind that counts, with a window. */
const common = { tools: ['pay'], scope: 'workflow', within: 60, reason: 'a test' } as const;
const RULES: readonly HistoryRule[] = [
  { ...common, id: 'calls', kind: 'calls', most: 5 },
  { ...common, id: 'sum', kind: 'sum', argument: '/amount', mostMicros: 10_000_000 },
  { ...common, id: 'distinct', kind: 'distinct', argument: '/to', most: 2 },
  { ...common, id: 'once', kind: 'once', argument: '/id' },
];

interface Made {
  readonly nonce: string;
  readonly at: number;
  readonly amount: number;
  readonly to: string;
  readonly id: string;
}

/** What each rule says, computed from a plain list of the calls that were made. */
function mayBe(kind: HistoryRule['kind'], made: readonly Made[], call: Made): boolean {
  const past = made.filter(({ at }) => at + 60 >= call.at);
  const all = [...past, call];
  switch (kind) {
    case 'calls':
      return all.length <= 5;
    case 'sum':
      return all.reduce((sum, { amount }) => sum + amount, 0) <= 10;
    case 'distinct':
      return new Set(all.map(({ to }) => to)).size <= 2 || past.some(({ to }) => to === call.to);
    default:
      return !past.some(({ id }) => id === call.id);
  }
}

const action = fc.record({
  wait: fc.integer({ min: 0, max: 40 }),
  amount: fc.integer({ min: 0, max: 6 }),
  to: fc.constantFrom('a', 'b', 'c'),
  id: fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8'),
  after: fc.constantFrom('nothing', 'commit', 'refund', 'repeat'),
});

describe('rules over history decide as a plain list of calls does', () => {
  test.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        let state: HistoryState = EMPTY_HISTORY;
        let made: readonly Made[] = [];
        let now = 1_000;
        for (const [index, { wait, amount, to, id, after }] of actions.entries()) {
          now += wait;
          const call = { nonce: `${index}`, at: now, amount, to, id };
          const measured = measure(call, ['/amount', '/to', '/id']);
          const reserve = () =>
            reserveHistory([rule], state, { tool: 'pay', nonce: call.nonce, measured }, now);
          const reserved = reserve();
          expect(reserved.ok).toBe(mayBe(rule.kind, made, call));
          if (!reserved.ok) continue;
          state = reserved.value;
          made = [...made, call];
          if (after === 'commit') state = commitHistory(state, call.nonce, 'ok');
          if (after === 'refund') {
            for (let again = 0; again < 2; again++) state = refundHistory(state, call.nonce);
            made = made.filter((one) => one !== call);
          }
        }
      }),
    );
  });
});

test('a count of many calls stays small and is never loosened', () => {
  const rule: HistoryRule = { ...common, id: 'r', kind: 'calls', most: 3_000 };
  let state = EMPTY_HISTORY;
  let allowed = 0;
  for (let i = 0; i < 4_000; i++) {
    const call = { tool: 'pay', nonce: `${i}`, measured: {} };
    const reserved = reserveHistory([rule], state, call, 1_000 + Math.floor(i / 100));
    if (!reserved.ok) continue;
    state = reserved.value;
    allowed += 1;
  }
  expect(allowed).toBe(3_000);
  expect(state.rules.r?.length).toBeLessThanOrEqual(256);
});

test('a rule for single use refuses what it can no longer remember', () => {
  const rule: HistoryRule = { ...common, id: 'r', kind: 'once', argument: '/id' };
  let state = EMPTY_HISTORY;
  for (let i = 0; i <= 1_024; i++) {
    const measured = measure({ id: `${i}` }, ['/id']);
    const reserved = reserveHistory([rule], state, { tool: 'pay', nonce: `${i}`, measured }, 1_000);
    expect(reserved.ok).toBe(i < 1_024);
    if (!reserved.ok) expect(reserved.error).toMatchObject({ code: 'history_full', rule: 'r' });
    else state = reserved.value;
  }
});
