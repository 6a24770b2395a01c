import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { API, beginFor, callsLeft, OTHER, send, stateOf } from './remote.scene.ts';

/** Charges and leases of verifiers with a credential of their own. */

afterEach(() => reset());

const order = (workflow: string, nonce: string, change: object = {}) => ({
  workflow,
  tool: 'bank.send',
  nonce,
  amounts: {},
  ...change,
});
const charge = async (...order_: Parameters<typeof order>) =>
  (await send('/verifier/v1/charge', order(...order_))).body;
const giveBack = async (...order_: Parameters<typeof order>) =>
  (await send('/verifier/v1/give-back', order(...order_))).body;
const lease = async (workflow: string, name: string, credential?: string) =>
  (await send('/verifier/v1/lease', { workflow, tool: 't', lease: name }, credential)).body;
const settle = (workflow: string, name: string, spent: number, credential?: string) =>
  send('/verifier/v1/settle', { workflow, lease: name, spent }, credential);

const CHARGED = { ok: true, value: null };
const UNKNOWN = { ok: false, error: { code: 'workflow_stopped', state: 'unknown' } };

describe('a budget, over HTTP', () => {
  test('is charged once for each nonce, and exhausted after its last call', async () => {
    const workflow = await beginFor(API, { calls: 2 });
    for (const nonce of ['a', 'a', 'b']) expect(await charge(workflow, nonce)).toEqual(CHARGED);
    expect(await charge(workflow, 'c')).toMatchObject({ error: { code: 'budget_exhausted' } });
    expect(await stateOf(workflow)).toBe('suspended');
  });

  test('gets back exactly what was charged, once', async () => {
    const workflow = await beginFor(API, { calls: 5 });
    await charge(workflow, 'a');
    expect(await giveBack(workflow, 'a')).toEqual({ returned: true });
    expect(await giveBack(workflow, 'a')).toEqual({ returned: true });
    expect(await callsLeft(workflow)).toBe(5);
    expect(await charge(workflow, 'a')).toMatchObject({ error: { code: 'charge_returned' } });
  });

  test('is not refilled by giving back another call than the one that was charged', async () => {
    const sums = [{ tool: 'bank.send', pointer: '/amount', micros: 100 }];
    const workflow = await beginFor(API, { sums });
    await charge(workflow, 'a', { amounts: { '/amount': 60 } });
    await charge(workflow, 'b', { amounts: { '/amount': 0 } });
    await giveBack(workflow, 'b', { amounts: { '/amount': 60 } });
    const next = await charge(workflow, 'c', { amounts: { '/amount': 60 } });
    expect(next).toMatchObject({ error: { code: 'budget_exhausted' } });
  });

  test.each([-1, 0.5, 1e300])('takes no charge of %d', async (amount) => {
    const sums = [{ tool: 'bank.send', pointer: '/amount', micros: 100 }];
    const workflow = await beginFor(API, { sums });
    const answer = await charge(workflow, 'a', { amounts: { '/amount': amount } });
    expect(answer).toMatchObject({ error: { code: 'budget_unmeasured', pointer: '/amount' } });
  });

  test('is leased in advance and settled by the verifier that leased', async () => {
    const workflow = await beginFor(API, { calls: 50 });
    expect(await lease(workflow, 'a')).toMatchObject({ ok: true, value: { calls: 20 } });
    expect(await callsLeft(workflow)).toBe(30);
    expect((await settle(workflow, 'a', 5)).status).toBe(204);
    expect(await callsLeft(workflow)).toBe(45);
  });
});

describe('the holder of a credential for another audience', () => {
  test('neither charges, leases nor gives back, and learns nothing', async () => {
    const workflow = await beginFor(OTHER, { calls: 5 });
    expect(await charge(workflow, 'a')).toEqual(UNKNOWN);
    expect(await lease(workflow, 'a')).toEqual(UNKNOWN);
    expect(await giveBack(workflow, 'a')).toEqual({ returned: false });
    expect(await charge('wf_AAAAAAAAAAAAAAAAAAAAAA', 'a')).toEqual(UNKNOWN);
    expect([await callsLeft(workflow), await stateOf(workflow)]).toEqual([5, 'active']);
  });

  test('does not settle a lease whose name it knows', async () => {
    const [workflow, mine] = [await beginFor(API, { calls: 50 }), await beginFor(OTHER)];
    await lease(workflow, 'a');
    await settle(workflow, 'a', 0, 'other');
    await settle(mine, 'a', 0, 'other');
    expect(await callsLeft(workflow)).toBe(30);
  });

  test('without a credential is refused everywhere', async () => {
    for (const route of ['charge', 'give-back', 'lease', 'settle', 'records']) {
      const answer = await send(`/verifier/v1/${route}`, {}, 'guess');
      expect([answer.status, answer.body]).toMatchObject([401, { error: 'unauthorized' }]);
    }
  });
});

test.each([
  ['a lone surrogate', { tool: '\ud800' }],
  ['an unknown member', { more: 1 }],
  ['an invalid id', { workflow: 'x' }],
  [
    'too many amounts',
    { amounts: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`/${i}`, 1])) },
  ],
  ['an amount that is text', { amounts: { '/amount': '1' } }],
])('a charge with %s is refused', async (_, change) => {
  const workflow = await beginFor(API);
  const answer = await send('/verifier/v1/charge', order(workflow, 'a', change));
  expect([answer.status, answer.body]).toMatchObject([400, { error: 'invalid_request' }]);
});

test('a charge of more than 64 KiB, or with a query, is refused', async () => {
  const workflow = await beginFor(API);
  const large = order(workflow, 'a', { tool: 'x'.repeat(64 * 1024) });
  expect((await send('/verifier/v1/charge', large)).status).toBe(413);
  expect((await send('/verifier/v1/charge?wait=1', order(workflow, 'a', {}))).status).toBe(400);
  expect((await send('/verifier/v1/charge', order(workflow, 'a', {}))).status).toBe(200);
});
