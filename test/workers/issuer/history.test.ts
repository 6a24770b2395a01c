import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { type HistoryRule, measure } from '../../../src/history/index.ts';
import type { ChargeRequest } from '../../../src/lifecycle/index.ts';
import { tallyOf, workflowOf } from '../../../workers/issuer/platform/env.ts';
import { begin, below, CHILD, env, ROOT, root, start } from './life.scene.ts';

/** Rules over history in the objects of workflows, and of those whom they run for. */
afterEach(() => reset());

const PAY = 'mcp/bank/pay';
const APPROVE = 'mcp/bank/approve';
const common = { tools: [PAY], reason: 'a test' };
const SUM: HistoryRule = {
  ...common,
  id: 'a-day',
  kind: 'sum',
  scope: 'subject',
  argument: '/amount',
  mostMicros: 100_000_000,
  within: 86_400,
};
const OF_FAMILY: HistoryRule = { ...SUM, id: 'a-task', scope: 'workflow' };
const AFTER: HistoryRule = {
  ...common,
  id: 'approved',
  kind: 'after',
  scope: 'workflow',
  of: [APPROVE],
  result: 'ok',
  least: 1,
  uses: 1,
};
const FAILED: HistoryRule = {
  ...common,
  id: 'no-failure',
  kind: 'not_after',
  scope: 'workflow',
  of: [APPROVE],
  result: 'failed',
};

const order = (
  nonce: string,
  amount: number,
  { workflow = ROOT, tool = PAY }: { workflow?: string; tool?: string } = {},
): ChargeRequest => {
  const measured = measure({ amount }, ['/amount']);
  return { workflow, tool, nonce, amounts: {}, history: true, measured };
};
const charge = (rules: readonly HistoryRule[], request: ChargeRequest) =>
  workflowOf(env, request.workflow).charge(request, rules);
const allowed = async (rules: readonly HistoryRule[], request: ChargeRequest) =>
  (await charge(rules, request)).ok;
const OTHER = 'wf_other';
const beginOther = async (change = {}) =>
  expect((await workflowOf(env, OTHER).begin(start(OTHER, change))).ok).toBe(true);
const spentBySubject = async () => {
  const [line] = await tallyOf(env, 'subject', 'user').uses([SUM]);
  return line?.used;
};

describe('a sum', () => {
  test('is never exceeded by one unit, whatever a thousand splitters send at once', {
    timeout: 120_000,
  }, async () => {
    await begin();
    await beginOther();
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) =>
        allowed([SUM], order(`n${i}`, 1, { workflow: i % 2 === 0 ? ROOT : OTHER })),
      ),
    );
    expect(answers.filter((ok) => ok)).toHaveLength(100);
    expect(await spentBySubject()).toBe(100);
    expect(await charge([SUM], order('one more', 0.000_001))).toMatchObject({
      error: { code: 'history_limit', rule: 'a-day', counts: 'sum', most: 100, left: 0 },
    });
  });

  test('of a person is shared by their workflows, and not by those of another person', async () => {
    await begin();
    await beginOther();
    expect(await allowed([SUM], order('a', 60))).toBe(true);
    expect(await allowed([SUM], order('b', 60, { workflow: OTHER }))).toBe(false);
    expect(await allowed([SUM], order('c', 40, { workflow: OTHER }))).toBe(true);
    await workflowOf(env, 'wf_third').begin(start('wf_third', { subject: 'someone else' }));
    expect(await allowed([SUM], order('d', 100, { workflow: 'wf_third' }))).toBe(true);
  });

  test('of a workflow covers the workflows below it', async () => {
    await begin();
    expect((await below(CHILD, ROOT)).ok).toBe(true);
    expect(await allowed([OF_FAMILY], order('a', 60, { workflow: CHILD }))).toBe(true);
    expect(await allowed([OF_FAMILY], order('b', 60))).toBe(false);
    expect(await allowed([OF_FAMILY], order('c', 40))).toBe(true);
  });

  test('continues over renewals and step-ups, of a person and of a workflow', async () => {
    await begin();
    expect(await allowed([SUM, OF_FAMILY], order('a', 60))).toBe(true);
    const grants = [{ tool: PAY, action: 'write', dataset: 'bank' }] as const;
    const renewal = { ...start(), blocks: ['renewed'] };
    expect((await root().continue(renewal)).ok).toBe(true);
    const stepUp = { ...start(), blocks: ['stepped up'], grants, stepUp: true } as const;
    expect((await root().continue(stepUp)).ok).toBe(true);
    for (const rules of [[SUM], [OF_FAMILY], [SUM, OF_FAMILY]]) {
      expect(await charge(rules, order('b', 41))).toMatchObject({
        error: { code: 'history_limit', most: 100, left: 40 },
      });
    }
    expect(await allowed([SUM, OF_FAMILY], order('c', 40))).toBe(true);
  });

  test('counts a repeated charge once, also across restarts of both objects', async () => {
    await begin();
    expect(await allowed([SUM, OF_FAMILY], order('a', 60))).toBe(true);
    await evictDurableObject(tallyOf(env, 'subject', 'user'));
    for (let again = 0; again < 2; again++) {
      await evictDurableObject(root());
      expect(await allowed([SUM, OF_FAMILY], order('a', 60))).toBe(true);
    }
    expect(await spentBySubject()).toBe(60);
  });

  test('is available again once a charge is given back, and only once', async () => {
    await begin();
    expect(await allowed([SUM, OF_FAMILY], order('a', 60))).toBe(true);
    for (let again = 0; again < 2; again++)
      expect(await root().giveBack(order('a', 60))).toBe(true);
    expect(await spentBySubject()).toBe(0);
    expect(await allowed([SUM, OF_FAMILY], order('b', 100))).toBe(true);
    expect(await charge([SUM], order('a', 60))).toMatchObject({
      error: { code: 'charge_returned' },
    });
  });

  test('that a scope refuses takes nothing from the workflow', async () => {
    await begin({ calls: 2 });
    expect(await allowed([SUM, OF_FAMILY], order('a', 60))).toBe(true);
    await beginOther({ subject: 'user' });
    expect(await allowed([SUM], order('b', 40, { workflow: OTHER }))).toBe(true);
    expect(await allowed([SUM, OF_FAMILY], order('c', 30))).toBe(false);
    // The call and the sum of the workflow are as before: 40 are left, of a budget of one call.
    expect(await allowed([OF_FAMILY], order('d', 40))).toBe(true);
  });

  test('is not exceeded by a crash between the workflow and the scope', async () => {
    await begin();
    const tally = tallyOf(env, 'subject', 'user');
    const request = order('a', 100);
    // The scope took the charge, and the workflow ended before it had the answer.
    await tally.reserve({ tool: PAY, nonce: 'a', measured: request.measured ?? {} }, [SUM]);
    expect(await allowed([SUM], order('b', 0.5))).toBe(false);
    // The verifier repeats the charge, which is taken once.
    for (let again = 0; again < 2; again++) expect(await allowed([SUM], request)).toBe(true);
    expect(await spentBySubject()).toBe(100);
    // Or it gives the charge back, and then all of it is available again.
    expect(await root().giveBack(request)).toBe(true);
    expect(await spentBySubject()).toBe(0);
  });

  test('is shown with what may still be given back', async () => {
    await begin();
    expect(await allowed([SUM, OF_FAMILY, AFTER], order('z', 0, { tool: APPROVE }))).toBe(true);
    expect(await allowed([SUM, OF_FAMILY], order('a', 60))).toBe(true);
    const use = { used: 60, reserved: 60 };
    expect(await tallyOf(env, 'subject', 'user').uses([SUM])).toEqual([{ rule: 'a-day', ...use }]);
    expect(await root().uses([OF_FAMILY, AFTER])).toEqual([
      { rule: 'a-task', ...use },
      { rule: 'approved', used: 1, reserved: 1 },
    ]);
  });

  test('needs its argument, and says which', async () => {
    await begin();
    const { measured: _, ...bare } = order('a', 1);
    expect(await charge([SUM], bare)).toMatchObject({
      error: { code: 'history_unmeasured', pointers: ['/amount'] },
    });
    const payees = { ...common, id: 'payees', kind: 'distinct', scope: 'workflow' } as const;
    const distinct: HistoryRule = { ...payees, argument: '/to', most: 2 };
    expect(await charge([SUM, distinct], order('c', 1))).toMatchObject({
      error: { code: 'history_unmeasured', rule: 'payees', pointers: ['/amount', '/to'] },
    });
    expect(await charge([SUM], order('b', -1))).toMatchObject({
      error: { code: 'history_unmeasured' },
    });
  });
});

describe('an order of calls', () => {
  const approve = (nonce: string) => charge([AFTER, FAILED], order(nonce, 0, { tool: APPROVE }));

  test('waits for the end of the earlier call, and lets one call through', async () => {
    await begin();
    expect(await approve('a')).toEqual({ ok: true, value: { awaitsEnd: true } });
    expect(await allowed([AFTER], order('b', 1))).toBe(false);
    await root().end(order('a', 0, { tool: APPROVE }), 'ok');
    await evictDurableObject(root());
    expect(await allowed([AFTER], order('c', 1))).toBe(true);
    expect(await charge([AFTER], order('d', 1))).toMatchObject({
      error: { code: 'history_order', rule: 'approved', needs: 'after', of: APPROVE },
    });
  });

  test('takes a call that is under way, or was denied, for a failure', async () => {
    await begin();
    await approve('a');
    expect(await allowed([FAILED], order('b', 1))).toBe(false);
    await root().end(order('a', 0, { tool: APPROVE }), 'ok');
    expect(await allowed([FAILED], order('c', 1))).toBe(true);
    const denied = {
      event: 'decision',
      id: 'v.1',
      at: Date.now(),
      verifier: 'v',
      n: 1,
      workflow: ROOT,
      blocks: [],
      tool: APPROVE,
      allowed: false,
      code: 'no_grant',
    } as const;
    await root().observe([denied as never], [FAILED]);
    expect(await allowed([FAILED], order('d', 1))).toBe(false);
  });
});

test('what a scope remembers is deleted when nothing of it counts any more', async () => {
  await begin();
  const short: HistoryRule = { ...SUM, within: 1 };
  expect(await allowed([short], order('a', 60))).toBe(true);
  const tally = tallyOf(env, 'subject', 'user');
  const until = await runInDurableObject(tally, (_, { storage }) => storage.getAlarm());
  expect(until).toBeGreaterThan(Date.now());
  await new Promise((passed) => setTimeout(passed, 3_500));
  await runDurableObjectAlarm(tally);
  const rows = await runInDurableObject(tally, (_, { storage }) =>
    storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'tally'").toArray(),
  );
  expect(rows).toEqual([]);
});
