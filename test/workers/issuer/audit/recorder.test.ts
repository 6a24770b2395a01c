import { createExecutionContext, reset, waitOnExecutionContext } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import issuer from '../../../../deployment/issuer.ts';
import { createRecorder, decisionLogOf } from '../../../../src/audit/index.ts';
import { API, beginFor, callsLeft, issuerWith, nameOf, stateOf, written } from './remote.scene.ts';

/** A recorder in workerd, in front of the routes that it is written for. */

afterEach(() => reset());

test('a recorder in a Worker records and counts through a service binding', async () => {
  const ctx = createExecutionContext();
  const fetch = async (url: string, init?: RequestInit) =>
    issuer.fetch(new Request(url, init), issuerWith(), ctx);
  const records = createRecorder({
    issuer: 'https://issuer.example',
    credential: 'api',
    service: { fetch },
  });
  const workflow = await beginFor(API, { calls: 22 });
  const parties = { workflow, agent: 'agent', subject: 'user', owner: 'team', task: 'task' };
  const decision = (tier: 1 | 2 | 3) => {
    const call = { tool: 'crm.search', action: 'read', tier };
    const evidence = { revocationIds: [], ...parties, ...call };
    return { allowed: true, stale: false, evidence } as const;
  };
  for (const tier of [1, 2, 3] as const) {
    const call = await records.open(decision(tier), { method: 'GET', args: {} });
    if (!call.ok) throw new Error(call.error.code);
    call.value.close({ status: 200, milliseconds: 1, threw: false });
  }
  expect(await records.close()).toBe(true);
  await waitOnExecutionContext(ctx);
  const log = await written();
  expect(new Set(log.flatMap((record) => ('verifier' in record ? record.verifier : [])))).toEqual(
    new Set([nameOf('api', `${records.verifier}-${decisionLogOf(workflow, '').at(-1)}`)]),
  );
  expect(log.flatMap((record) => ('n' in record ? record.n : []))).toEqual(
    log.map((_, index) => index + 1),
  );
  // One counted after it, twenty leased, one charged.
  expect([await callsLeft(workflow), await stateOf(workflow)]).toEqual([0, 'active']);
  const over = await records.open(decision(3), { method: 'GET', args: {} });
  expect(over).toMatchObject({ error: { code: 'budget_exhausted' } });
  expect(await stateOf(workflow)).toBe('suspended');
});
