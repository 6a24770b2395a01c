import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import type { Budgets } from '../../../src/capability/index.ts';
import {
  bank,
  begin,
  below,
  CHILD,
  charge,
  DEEP,
  env,
  leftOf,
  NOW,
  POUND,
  ROOT,
  resume,
  root,
  states,
  trail,
} from './life.scene.ts';
import { readTree, writeTree } from './stored-tree.ts';

/** Budgets of workflow objects: charges, leases and shares. */
afterEach(() => reset());

describe('a budget', () => {
  test('is charged once for each nonce, even across a restart', async () => {
    await begin(bank);
    for (let again = 0; again < 3; again++) {
      expect(await charge('a', 40)).toEqual({ ok: true, value: null });
      await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    }
    expect(await leftOf()).toEqual([60 * POUND, 9]);
  });

  test('on an argument is exceeded by many small transfers, which suspends the workflow', async () => {
    await begin(bank);
    for (const nonce of ['a', 'b', 'c', 'd']) expect((await charge(nonce, 24)).ok).toBe(true);
    expect(await charge('e', 24)).toMatchObject({ error: { code: 'budget_exhausted' } });
    expect(await states()).toEqual(['suspended 1']);
    expect(await charge('f', 1)).toMatchObject({ error: { code: 'workflow_stopped' } });
    expect(await trail()).toMatchObject([
      { event: 'transition', actor: 'rule:budget-exceeded@1', evidence: ['charge.e'] },
      { event: 'deviation', rule: 'budget-exceeded', effect: 'acted', evidence: ['charge.e'] },
    ]);
    // After a resumption it has what was left. The third time that it is exceeded ends the workflow.
    for (const nonce of ['g', 'h']) {
      await resume();
      expect(await charge(nonce, 24)).toMatchObject({ error: { code: 'budget_exhausted' } });
    }
    expect(await states()).toEqual(['revoked 3']);
  });

  test('is never overspent by concurrent charges', async () => {
    await begin(bank);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => charge(`nonce ${i}`, 30)),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
  });

  test("is carved out for a child, and the unused part comes back at the child's end", async () => {
    await begin(bank);
    const budgets = { calls: 4, sums: [{ ...bank.sums?.[0], micros: 50 * POUND }] } as Budgets;
    expect((await below(CHILD, ROOT, { budgets })).ok).toBe(true);
    expect([await leftOf(), await leftOf(CHILD)]).toEqual([
      [50 * POUND, 6],
      [50 * POUND, 4],
    ]);
    expect((await charge('a', 20, CHILD)).ok).toBe(true);
    expect(await below(DEEP, ROOT, { budgets: { calls: 7 } })).toMatchObject({
      error: { code: 'child_exceeds' },
    });
    await root().revoke(CHILD, { actor: 'operator', reason: 'test' });
    expect(await leftOf()).toEqual([80 * POUND, 9]);
    await runDurableObjectAlarm(root());
    expect(await leftOf()).toEqual([80 * POUND, 9]);
  });

  test('is leased in parts, and a lease without a settlement counts as spent', async () => {
    await begin({ calls: 30 });
    const lease = (id: string) => root().lease({ workflow: ROOT, tool: 'crm.search', lease: id });
    expect(await lease('a')).toMatchObject({ ok: true, value: { calls: 20, summed: [] } });
    expect(await lease('a')).toMatchObject({ ok: true, value: { calls: 20 } });
    expect(await lease('b')).toMatchObject({ ok: true, value: { calls: 10 } });
    await root().settle('a', 5);
    await root().settle('a', 0);
    expect(await leftOf()).toEqual([15]);
    await runInDurableObject(root(), (_object, { storage }) => {
      const tree = readTree(storage);
      writeTree(storage, {
        ...tree,
        leases: tree.leases.map((lease) => ({ ...lease, expires: NOW - 10 })),
      });
    });
    expect(await lease('c')).toMatchObject({ ok: true, value: { calls: 15 } });
    await root().settle('b', 1);
    expect(await leftOf()).toEqual([9]);
  });

  test('on a sum has no leases: each call of its tool is charged by itself', async () => {
    await begin(bank);
    expect(await root().lease({ workflow: ROOT, tool: 'bank.send', lease: 'a' })).toMatchObject({
      value: { calls: 0, summed: ['/amount'] },
    });
  });
});

describe('the approval of a call', () => {
  const spend = (nonce: string, approval = 'ap_1', workflow = ROOT) =>
    root().charge({ workflow, nonce, tool: 'bank.send', amounts: { '/amount': 0 }, approval });

  test('is spent by one of the calls that arrive at the same time', async () => {
    await begin(bank);
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => spend(`n ${i}`)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.filter(({ ok }) => !ok)[0]).toEqual({
      ok: false,
      error: { code: 'approval_used' },
    });
  });

  test('is spent once if the charge of its call is repeated, even across a restart', async () => {
    await begin(bank);
    for (let again = 0; again < 3; again++) {
      expect(await spend('a')).toEqual({ ok: true, value: null });
      await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    }
    expect(await spend('b')).toMatchObject({ error: { code: 'approval_used' } });
    expect((await spend('c', 'ap_2')).ok).toBe(true);
  });

  test('can be used again if its call was not made', async () => {
    await begin(bank);
    const order = { workflow: ROOT, tool: 'bank.send', amounts: { '/amount': 0 } };
    expect((await spend('a')).ok).toBe(true);
    expect(await root().giveBack({ ...order, nonce: 'a', approval: 'ap_1' })).toBe(true);
    expect((await spend('b')).ok).toBe(true);
    expect(await spend('c')).toMatchObject({ error: { code: 'approval_used' } });
  });

  test('is not spent by a call that a budget denies', async () => {
    await begin(bank);
    const amounts = { '/amount': 1_000 * POUND };
    const order = { workflow: ROOT, nonce: 'a', tool: 'bank.send', amounts, approval: 'ap_1' };
    const denied = await root().charge(order);
    expect(denied).toMatchObject({ error: { code: 'budget_exhausted' } });
    await resume();
    expect((await spend('b')).ok).toBe(true);
  });

  test('stays spent however many charges follow', async () => {
    await begin({});
    expect((await spend('a')).ok).toBe(true);
    for (let i = 0; i < 300; i++) await charge(`n ${i}`, 0);
    expect(await spend('b')).toMatchObject({ error: { code: 'approval_used' } });
  });
});
