import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Capability } from '../../src/agent/index.ts';
import { admin, call, exchange, GRANTS, obtain, read, send, TASK } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/** Revocations split over three logs: each workflow belongs to one, and stays there. */
let stage: Stage;
const SHARDS = 3;

beforeAll(async () => {
  stage = await openStage({ shards: SHARDS });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const good = () => read(stage.documents.reports[0] ?? '');
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'late' });
const shardOf = (workflow: string) => Number(/^wf(\d*)_/.exec(workflow)?.[1] ?? 0);

/** Mints one capability per shard. Chance picks the shard, so it takes several tries. */
async function oneOfEach(): Promise<readonly Capability[]> {
  const found = new Map<number, Capability>();
  for (let tries = 0; found.size < SHARDS && tries < 60; tries++) {
    const capability = await obtain(stage);
    found.set(shardOf(capability.workflow), capability);
  }
  expect([...found.keys()].sort()).toEqual([0, 1, 2]);
  return [...found.values()];
}

async function introspect(token: string): Promise<{ active: boolean }> {
  const response = await stage.fetch(`${stage.issuer}/introspect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.verifier}` },
    body: new URLSearchParams({ token }),
  });
  return (await response.json()) as { active: boolean };
}

test('a revocation is in the log of its workflow, and stops only that workflow', async () => {
  const [first, second, third] = await oneOfEach();
  if (!first || !second || !third) throw new Error('no capability for one of the shards');
  for (const { token } of [first, second, third]) {
    expect((await send(stage, token, good())).status).toBe(200);
  }
  const answer = await admin(stage, `workflows/${second.workflow}/revoke`, { reason: 'test' });
  expect(await answer.json()).toMatchObject({ epoch: 1, seq: 1 });
  expect(await send(stage, second.token, write())).toMatchObject({ status: 401, code: 'revoked' });
  for (const { token } of [first, third]) {
    expect(await send(stage, token, write())).not.toMatchObject({ code: 'revoked' });
  }
  const other = await admin(stage, `workflows/${third.workflow}/revoke`, { reason: 'test' });
  expect(await other.json()).toMatchObject({ epoch: 1, seq: 1 });
});

test('a continued workflow stays in its shard, and so does its introspection', async () => {
  for (const { workflow } of await oneOfEach()) {
    const details = [{ type: 'hewn_task', task: TASK, grants: GRANTS, workflow }];
    const continued = await exchange(stage, { authorization_details: JSON.stringify(details) });
    const token = String(continued.body.access_token);
    expect(await introspect(token)).toMatchObject({ active: true });
    await admin(stage, `workflows/${workflow}/revoke`, { reason: 'test' });
    expect(await introspect(token)).toEqual({ active: false });
    expect(await send(stage, token, write())).toMatchObject({ status: 401, code: 'revoked' });
  }
});

test('one watermark stops the tokens of every shard, at verifiers and at the issuer itself', async () => {
  const all = await oneOfEach();
  await admin(stage, 'watermarks', { scope: 'all', reason: 'drill' });
  for (const { token } of all) {
    expect(await send(stage, token, write())).toMatchObject({ status: 401, code: 'revoked' });
    expect(await introspect(token)).toEqual({ active: false });
  }
});
