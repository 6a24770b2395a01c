import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  charge,
  count,
  exceeded,
  type Lease,
  lapse,
  left,
  type Meters,
  metersOf,
  settle,
  spendsOf,
  summedPointers,
  takeLease,
} from '../../../src/lifecycle/index.ts';

const POUND = 1_000_000;
const budgets = {
  calls: 10,
  denials: 2,
  tools: [{ tool: 'bank.send', calls: 8 }],
  sums: [{ tool: 'bank.send', pointer: '/amount', micros: 100 * POUND }],
};

const transfer = (meters: Meters, pounds: number) => {
  const amounts = { '/amount': pounds * POUND };
  const spends = spendsOf(meters, { tool: 'bank.send', amounts });
  return spends.ok ? charge(meters, spends.value) : spends;
};

describe('a charge', () => {
  test('of many small transfers exceeds the same sum as one large transfer', () => {
    let meters = metersOf(budgets);
    expect(transfer(meters, 101)).toMatchObject({ error: { code: 'budget_exhausted', left: 1e8 } });
    for (let i = 0; i < 5; i++) {
      const charged = transfer(meters, 19);
      if (!charged.ok) throw new Error(charged.error.code);
      meters = charged.value;
    }
    expect(transfer(meters, 19)).toMatchObject({ error: { code: 'budget_exhausted', left: 5e6 } });
    expect(transfer(meters, 5).ok).toBe(true);
  });

  test('is all or nothing: a refused charge changes no meter', () => {
    const meters = metersOf({ ...budgets, calls: 0 });
    expect(transfer(meters, 1)).toMatchObject({ error: { meter: 'calls', left: 0 } });
    expect(meters.every(({ used }) => used === 0)).toBe(true);
  });

  test.each([undefined, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'without a valid amount is refused: %s',
    (amount) => {
      const amounts = amount === undefined ? {} : { '/amount': amount };
      expect(spendsOf(metersOf(budgets), { tool: 'bank.send', amounts })).toEqual({
        ok: false,
        error: { code: 'budget_unmeasured', pointer: '/amount' },
      });
    },
  );

  test('of another tool needs no amount, and uses no call of this tool', () => {
    const meters = metersOf(budgets);
    expect(summedPointers(meters, 'bank.read')).toEqual([]);
    const spends = spendsOf(meters, { tool: 'bank.read' });
    const charged = spends.ok ? charge(meters, spends.value) : spends;
    expect(charged.ok && charged.value.map(({ used }) => used)).toEqual([1, 0, 0, 0]);
  });

  test('that is counted afterwards may exceed the limit, which is then reported', () => {
    let meters = metersOf({ calls: 2 });
    for (let i = 0; i < 2; i++) meters = count(meters, new Map([['calls', 1]]));
    expect(exceeded(meters)).toEqual([]);
    meters = count(meters, new Map([['calls', 1]]));
    expect(exceeded(meters)).toEqual(['calls']);
    expect(meters.map(left)).toEqual([0]);
  });
});

describe('a lease', () => {
  const asked = { id: 'a', tool: 'bank.send', calls: 6 };

  test('reserves at most what is left, on every meter that bounds its tool', () => {
    const first = takeLease(metersOf(budgets), asked, 30);
    if (!first.ok) throw new Error(first.error.code);
    const second = takeLease(first.value.meters, { ...asked, id: 'b' }, 30);
    if (!second.ok) throw new Error(second.error.code);
    expect(second.value.lease.calls).toBe(2);
    expect(takeLease(second.value.meters, { ...asked, id: 'c' }, 30)).toMatchObject({
      error: { code: 'budget_exhausted' },
    });
  });

  test('counts as spent if it lapses, and returns unspent calls once if it is settled late', () => {
    const charged = takeLease(metersOf(budgets), asked, 30);
    if (!charged.ok) throw new Error(charged.error.code);
    const over = lapse(charged.value.meters, charged.value.lease);
    expect(over.meters.map(left)).toEqual([4, 2, 2, 1e8]);
    expect(lapse(over.meters, over.lease)).toEqual(over);
    const settled = settle(over.meters, over.lease, 1);
    expect(settled.meters.map(left)).toEqual([9, 2, 7, 1e8]);
    expect(settle(settled.meters, settled.lease, 0)).toEqual(settled);
  });

  test('cannot be settled with a negative amount or with more calls than it has', () => {
    const charged = takeLease(metersOf(budgets), asked, 30);
    if (!charged.ok) throw new Error(charged.error.code);
    const { meters, lease } = charged.value;
    expect(settle(meters, lease, -100).meters.map(left)).toEqual([10, 2, 8, 1e8]);
    expect(settle(meters, lease, 100).meters.map(left)).toEqual([4, 2, 2, 1e8]);
  });
});

test('no meter is overspent over any order of charges, leases, settlements and lapses', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('transfer' as const), pounds: fc.nat(60) }),
    fc.record({ kind: fc.constant('lease' as const), calls: fc.nat(6) }),
    // How many of a lease's calls the verifier makes, and whether it settles in time.
    fc.record({ kind: fc.constant('spend' as const), which: fc.nat(5), calls: fc.nat(6) }),
    fc.record({ kind: fc.constant('settle' as const), which: fc.nat(5) }),
    fc.record({ kind: fc.constant('lapse' as const), which: fc.nat(5) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let meters = metersOf(budgets);
      const leases: Lease[] = [];
      const spent: number[] = [];
      let [calls, micros] = [0, 0];
      for (const one of steps) {
        if (one.kind === 'transfer') {
          const charged = transfer(meters, one.pounds);
          if (!charged.ok) continue;
          meters = charged.value;
          calls += 1;
          micros += one.pounds * POUND;
        } else if (one.kind === 'lease') {
          const id = String(leases.length);
          const charged = takeLease(meters, { id, tool: 'bank.send', calls: one.calls }, 30);
          if (!charged.ok) continue;
          meters = charged.value.meters;
          leases.push(charged.value.lease);
          spent.push(0);
        } else {
          const lease = leases[one.which];
          const had = spent[one.which] ?? 0;
          if (!lease) continue;
          if (one.kind === 'spend' && lease.state === 'open') {
            const more = Math.min(one.calls, lease.calls - had);
            spent[one.which] = had + more;
            calls += more;
          } else if (one.kind !== 'spend') {
            const next = one.kind === 'lapse' ? lapse(meters, lease) : settle(meters, lease, had);
            leases[one.which] = next.lease;
            meters = next.meters;
          }
        }
        // What really happened, counted independently, never exceeds the budget.
        expect(calls).toBeLessThanOrEqual(8);
        expect(micros).toBeLessThanOrEqual(100 * POUND);
        expect(exceeded(meters)).toEqual([]);
      }
      // Once every lease is settled, the meters show what happened.
      for (const [i, lease] of leases.entries()) {
        meters = settle(meters, lease, spent[i] ?? 0).meters;
      }
      expect(meters.find(({ key }) => key === 'calls')).toMatchObject({ used: calls, leased: 0 });
    }),
    { numRuns: 500 },
  );
});
