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
import { play } from './story.ts';

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

test('a rule for single use refuses a value that was used, also twice in one call', () => {
  const rule: HistoryRule = { ...common, id: 'r', kind: 'once', argument: '/ids/*' };
  const codes = [['a', 'b'], ['c', 'c'], ['b'], ['c']].map((ids) => ({
    call: 'pay',
    args: { ids },
  }));
  expect(play([rule], codes)).toEqual([undefined, 'history_used', 'history_used', undefined]);
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

const pay = (nonce: string, args: object, pointers: readonly string[] = []) => ({
  tool: 'pay',
  nonce,
  measured: measure(args, pointers),
});

test('the rules of one scope refuse a call rather than remember more than 192 KiB', () => {
  const rules = ['a', 'b', 'c'].map(
    (id): HistoryRule => ({ ...common, id, kind: 'once', argument: '/ids/*' }),
  );
  let state: HistoryState = { next: 1, rules: {} };
  let refused: unknown;
  for (let i = 0; i < 16 && refused === undefined; i++) {
    const ids = Array.from({ length: 64 }, (_, n) => `${i} ${n}`);
    const reserved = reserveHistory(rules, state, pay(`${i}`, { ids }, ['/ids/*']), 1_000);
    if (reserved.ok) state = reserved.value;
    else refused = reserved.error;
  }
  expect(refused).toMatchObject({ code: 'history_full', rule: 'a' });
  expect(JSON.stringify(state).length).toBeLessThanOrEqual(192 * 1024);
  // What rules left behind that exist no more gives way.
  const [first] = rules;
  if (!first) throw new Error('no rule');
  const fewer = reserveHistory(
    [first],
    state,
    pay('x', { ids: Array.from({ length: 64 }, (_, n) => `x ${n}`) }, ['/ids/*']),
    1_000,
  );
  expect(fewer).toMatchObject({ ok: true });
});

test('a charge can be given back for 600 s', () => {
  const rule: HistoryRule = { ...common, id: 'r', kind: 'calls', most: 2, within: 3_600 };
  const allowedAfter = (seconds: number) => {
    let state = EMPTY_HISTORY;
    for (const [nonce, now] of [
      ['a', 1_000],
      ['b', 1_000 + seconds],
    ] as const) {
      const reserved = reserveHistory([rule], state, pay(nonce, {}), now);
      if (reserved.ok) state = reserved.value;
    }
    state = refundHistory(state, 'a');
    return reserveHistory([rule], state, pay('c', {}), 1_000 + seconds).ok;
  };
  expect(allowedAfter(600)).toBe(true);
  expect(allowedAfter(601)).toBe(false);
});

test('a list of more than 64 values is not measured', () => {
  const values = (length: number) =>
    measure({ to: Array.from({ length }, (_, i) => i) }, ['/to/*'])['/to/*'];
  expect(values(64)?.values).toHaveLength(64);
  expect(values(65)).toBeNull();
});

describe('of 129 earlier calls', () => {
  const ORDER = { tools: ['pay'], of: ['look'], scope: 'workflow', reason: 'a test' } as const;
  const looks = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ call: 'look', args: { to: `${i}` } }));

  test('the oldest permits no call any more', () => {
    const rule: HistoryRule = { ...ORDER, id: 'r', kind: 'after', result: 'ok', least: 1, uses: 1 };
    const pays = Array.from({ length: 129 }, () => ({ call: 'pay' }));
    const decided = play([rule], [...looks(129), ...pays]).slice(129);
    expect(decided.filter((code) => code === undefined)).toHaveLength(128);
    expect(decided[128]).toBe('history_order');
  });

  test('the oldest forbid a call for every value', () => {
    const same = { here: '/to', there: '/to' };
    const rule: HistoryRule = { ...ORDER, id: 'r', kind: 'not_after', result: 'any', same };
    const other = { call: 'pay', args: { to: 'other' } };
    expect(play([rule], [...looks(128), other])[128]).toBeUndefined();
    expect(play([rule], [...looks(129), other])[129]).toBe('history_order');
  });
});
