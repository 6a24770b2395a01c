import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { admin, call, exchange, obtain, read, send } from '../agent.ts';
import { trailOf } from '../trail.ts';
import { openProcesses, type Processes } from './processes.ts';

/** Stopping works while the audit log accepts no writes. */
let stage: Processes;

beforeAll(async () => {
  stage = await openProcesses();
}, 120_000);
afterEach(() => stage.auditLogIs('well'));
afterAll(() => stage?.close());

const write = () => call('write_file', { path: 'summaries/churn.md', content: 'late' });
const good = () => read(stage.documents.reports[0] ?? '');

const eventsOf = async (workflow: string): Promise<readonly string[]> =>
  (await trailOf(stage, workflow)).map(({ event }) => event);

/** Tier 3 at once, tier 1 with the next head. */
async function isStopped(token: string): Promise<void> {
  expect(await send(stage, token, write())).toMatchObject({ status: 401 });
  const until = Date.now() + 30_000;
  while ((await send(stage, token, good())).status === 200) {
    if (Date.now() > until) throw new Error('a read still works');
    await sleep(250);
  }
}

describe.each(['failing', 'silent'] as const)('while the audit log is %s', (condition) => {
  test.each(['revoke', 'suspend'])(
    '%s answers, stops the workflow, and is recorded later',
    async (move) => {
      const { workflow, token } = await obtain(stage);
      expect((await send(stage, token, good())).status).toBe(200);
      await stage.auditLogIs(condition);
      const answer = await admin(stage, `workflows/${workflow}/${move}`, {
        reason: 'out of scope',
      });
      expect(answer.status).toBe(200);
      await isStopped(token);
      await stage.auditLogIs('well');
      const event = move === 'revoke' ? 'revocation' : 'transition';
      await expect
        .poll(() => eventsOf(workflow), { timeout: 30_000, interval: 500 })
        .toContain(event);
    },
    60_000,
  );

  test('a watermark stops its scope', async () => {
    const { token } = await obtain(stage);
    await stage.auditLogIs(condition);
    const body = { scope: 'owner', value: 'team:growth', reason: 'drill' };
    const answer = await admin(stage, 'watermarks', body);
    expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
    await isStopped(token);
    await sleep(1_500); // A watermark stops tokens of its own second, too.
  }, 60_000);

  test('nothing is minted: what grants power is recorded first', async () => {
    await stage.auditLogIs(condition);
    const asked = exchange(stage).then(
      ({ status }) => status,
      () => 'no answer',
    );
    const answer = await Promise.race([asked, sleep(8_000, 'no answer')]);
    expect([500, 503, 'no answer']).toContain(answer);
  }, 60_000);
});

describe('a reason that the log cannot hash', () => {
  test.each(['\ud800', 'cut inside \ud83d', '\udfff first'])(
    'does not prevent a workflow from being stopped: %j',
    async (reason) => {
      const { workflow, token } = await obtain(stage);
      const failed = await stage.fetch(`${stage.issuer}/workflows/v1/${workflow}/fail`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ reason }),
      });
      expect([200, 400]).toContain(failed.status);
      const revoked = await admin(stage, `workflows/${workflow}/revoke`, { reason });
      expect(revoked.status).toBe(200);
      await isStopped(token);
      expect(await eventsOf(workflow)).toContain('revocation');
    },
    60_000,
  );
});
