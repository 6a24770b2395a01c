import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONTROL_LOG, DECISION_LOGS } from '../../src/audit/index.ts';
import { admin, call, obtain, read, send } from './agent.ts';
import { openStage, type Stage } from './stage.ts';
import { trailOf } from './trail.ts';

/** Nothing is lost when a Durable Object restarts between any two steps. */
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const LOGS = [CONTROL_LOG, ...DECISION_LOGS].map((log) => ['TransparencyLog', log] as const);

async function evictAll(workflow: string): Promise<void> {
  const issuer = stage.harness.getWorker('issuer');
  for (const [object, name] of [
    ['Workflow', workflow],
    ['RevocationLog', 'default'],
    ...LOGS,
  ] as const) {
    // An object that this step did not touch is not running, which counts as evicted.
    await issuer.evictDurableObject(object, { name }).catch((error: Error) => {
      if (!error.message.includes('not currently running')) throw error;
    });
  }
}

test('mint, use, revoke and the trail survive an eviction after every step', async () => {
  const { token, workflow } = await obtain(stage);
  await evictAll(workflow);
  expect((await send(stage, token, read(stage.documents.reports[0] ?? ''))).status).toBe(200);
  await evictAll(workflow);
  expect((await admin(stage, `workflows/${workflow}/revoke`, { reason: 'drill' })).status).toBe(
    200,
  );
  await evictAll(workflow);
  const write = call('write_file', { path: 'summaries/churn.md', content: '' });
  expect(await send(stage, token, write)).toMatchObject({ code: 'revoked' });
  await evictAll(workflow);
  const again = await admin(stage, `workflows/${workflow}/revoke`, { reason: 'again' });
  expect(await again.json()).toMatchObject({ seq: 1 });
  await evictAll(workflow);
  expect(await (await admin(stage, `workflows/${workflow}`)).json()).toMatchObject({
    state: 'revoked',
    revocation: { reason: 'drill' },
  });
  // The gateway collects records before it sends them.
  const events = async () => (await trailOf(stage, workflow)).map(({ event }) => event);
  await expect
    .poll(async () => (await events()).sort())
    // The last finding is that a token was used after its end.
    .toEqual(['decision', 'decision', 'deviation', 'mint', 'revocation']);
});
