import { expect, test } from 'vitest';
import { type Budgets, smallestBudgets } from '../../src/capability/index.ts';
import { Ledger, metersOf } from '../../src/lifecycle/index.ts';

/**
 * A new kind that someone forgot to handle must not come out as allowed, unbounded or not stopped.
 * The compiler reports it wherever it can, because the tables are closed. These tests cover the
 * entry points for data of another release, and for callers without a compiler.
 */

const ALL: Required<Budgets> = {
  calls: 5,
  tools: [{ tool: 'pay', calls: 1 }],
  denials: 2,
  wallSeconds: 60,
  delegationDepth: 1,
  sums: [{ tool: 'pay', pointer: '/amount', micros: 10 }],
};

test('no bound of a budget is lost if two budgets meet, or charged to no meter', () => {
  expect(smallestBudgets([ALL, {}])).toEqual(ALL);
  expect(smallestBudgets([{}, ALL])).toEqual(ALL);
  expect(Object.keys(smallestBudgets([ALL]))).toEqual(Object.keys(ALL));
  // Wall time and depth limit the workflow's end and its tree, and have no meter.
  expect(metersOf(ALL).map(({ limit }) => limit)).toEqual([5, 2, 1, 10]);
});

test('a call of a tier that the ledger does not know is charged exactly, as the strictest is', async () => {
  const asked: string[] = [];
  const refusing = async (what: string) => {
    asked.push(what);
    throw new Error('away');
  };
  const ledger = new Ledger(
    {
      lease: () => refusing('lease'),
      settle: () => refusing('settle'),
      charge: () => refusing('charge'),
      giveBack: () => refusing('giveBack'),
    } as never,
    () => 0,
    () => undefined,
  );
  for (const tier of [4, -1, 1.5, undefined, Number.NaN]) {
    const call = { workflow: 'wf_1', tool: 'pay', tier: tier as never, args: {} };
    expect(await ledger.take(call)).toMatchObject({ ok: false });
  }
  expect(new Set(asked)).toEqual(new Set(['charge']));
});
