import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { admin, call, obtain, send } from '../agent.ts';
import { openProcesses, type Processes } from './processes.ts';

/** An acknowledged revocation against calls that are under way. */
let stage: Processes;

beforeAll(async () => {
  stage = await openProcesses();
}, 120_000);
afterEach(() => stage.wire.delay(0));
afterAll(() => stage?.close());

/** Tier 3, because it overwrites a file. */
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'late' });

/** A block: for a revoked workflow, the issuer itself would refuse to count a call. */
async function revokeBlock(workflow: string): Promise<void> {
  const view = await (await admin(stage, `workflows/${workflow}`)).json();
  const [block] = (view as { blocks: readonly string[] }).blocks;
  const path = `workflows/${workflow}/blocks/${block}/revoke`;
  expect((await admin(stage, path, { reason: 'test' })).status).toBe(200);
}

/** Sends sixty irreversible calls from now on. Returns each distinct answer once. */
async function sixtyWrites(token: string): Promise<ReadonlySet<string>> {
  const calls = [];
  for (let i = 0; i < 60; i++) {
    calls.push(send(stage, token, write()));
    await sleep(5);
  }
  return new Set((await Promise.all(calls)).map(({ status, code }) => `${status} ${code}`));
}

const REVOKED = new Set(['401 revoked']);

test('no call uses the answer to a question that was asked before the call was sent', async () => {
  const [victim, other] = await Promise.all([obtain(stage), obtain(stage)]);
  expect((await send(stage, victim.token, write())).status).toBe(200);
  // The log answers at once, and the answer takes 1.5 s to arrive.
  stage.wire.delays.toGateway = 1_500;
  const slow = send(stage, other.token, write());
  await sleep(300);
  stage.wire.delays.toGateway = 0;
  await revokeBlock(victim.workflow);
  expect(await sixtyWrites(victim.token)).toEqual(REVOKED);
  await slow;
}, 60_000);

describe.each([0, 100, 200])('with %i ms each way, and other calls without a pause', (ms) => {
  test('no irreversible call that is sent after an acknowledged revocation is allowed', async () => {
    const [victim, other] = await Promise.all([obtain(stage), obtain(stage)]);
    expect((await send(stage, victim.token, write())).status).toBe(200);
    stage.wire.delay(ms);
    let isOver = false;
    const busy = Array.from({ length: 12 }, async (_, index) => {
      await sleep(50 * index);
      while (!isOver) await send(stage, other.token, write());
    });
    await sleep(1_000);
    await revokeBlock(victim.workflow);
    expect(await sixtyWrites(victim.token)).toEqual(REVOKED);
    isOver = true;
    await Promise.all(busy);
  }, 60_000);
});
