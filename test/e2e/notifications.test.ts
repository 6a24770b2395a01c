import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { admin, call, exchange, obtain, send } from './agent.ts';
import { type EventReceiver, type Received, startReceiver } from './receiver.ts';
import { openStage, type Stage } from './stage.ts';

/** Notifications and the scheduled drill from the outside. */
let stage: Stage;
let receiver: EventReceiver;
const KEY = Buffer.from('a key of thirty-two random bytes');

beforeAll(async () => {
  receiver = await startReceiver();
  stage = await openStage({
    issuerVars: {
      SIGNAL_LOOPBACK: 'allowed',
      NOTIFY: JSON.stringify([{ name: 'pager', kind: 'webhook', url: receiver.url }]),
      DRILL: '{"every":10,"within":5}',
    },
    issuerSecrets: {
      NOTIFY_SECRETS: JSON.stringify({ pager: `whsec_${KEY.toString('base64')}` }),
    },
  });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await receiver.close();
  await stage.close();
});

/** Verifies a message as a receiver does, without any code of the sender. */
function verified({ headers, body }: Received) {
  const {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
  } = headers;
  const hmac = createHmac('sha256', KEY).update(`${id}.${timestamp}.${body}`).digest('base64');
  expect(signature).toBe(`v1,${hmac}`);
  expect(Math.abs(Date.now() / 1_000 - Number(timestamp))).toBeLessThan(300);
  return JSON.parse(body) as { type: string; data: Record<string, unknown> };
}

test('a question to a person reaches the pager, signed, with a link and no way to answer', async () => {
  const grants = [
    { tool: 'mcp/files/edit_file', action: 'write', dataset: 'files/summaries/churn.md' },
  ];
  const details = [{ type: 'hewn_task', task: 'ask <!channel>', grants }];
  const { body } = await exchange(stage, { authorization_details: JSON.stringify(details) });
  expect(body).toMatchObject({ error: 'authorization_pending' });
  const [message] = await receiver.until(1);
  const { type, data } = verified(message as Received);
  expect(type).toBe('approval.asked');
  expect(data).toMatchObject({
    approval: body.auth_req_id,
    task: 'ask <!channel>',
    link: `${stage.issuer}/console/#/approvals/${body.auth_req_id}`,
  });
  expect(JSON.stringify(data)).not.toContain('digest');
});

test('an operator tests a target', async () => {
  const before = receiver.received.length;
  const { status } = await admin(stage, 'notifications/pager/test', {});
  expect(status).toBe(204);
  const message = (await receiver.until(before + 1)).at(-1);
  expect(verified(message as Received)).toMatchObject({ type: 'test', data: { target: 'pager' } });
  const { targets } = (await (await admin(stage, 'notifications')).json()) as {
    targets: unknown[];
  };
  expect(targets).toMatchObject([{ name: 'pager', queued: 0, failures: 0, dropped: 0 }]);
});

test('the drill runs by itself, a gateway in use confirms it, and no list shows the canary', async () => {
  const { token, workflow } = await obtain(stage);
  const read = () => send(stage, token, call('read_text_file', { path: 'reports/q1.md' }));
  const deadline = Date.now() + 30_000;
  let runs: readonly { verdict: string }[] = [];
  while (runs.length === 0 && Date.now() < deadline) {
    // A gateway polls and reports after its answers.
    await read();
    await new Promise((soon) => setTimeout(soon, 250));
    ({ runs } = (await (await admin(stage, 'drill')).json()) as { runs: typeof runs });
  }
  expect(runs).toMatchObject([{ verdict: 'in_time', shard: 0, late: [], silent: [] }]);
  const listed = (await (await admin(stage, 'workflows')).json()) as {
    workflows: readonly { id: string }[];
  };
  expect(listed.workflows.map(({ id }) => id)).toEqual([workflow]);
  const health = (await (await admin(stage, 'health')).json()) as { drill: unknown };
  expect(health.drill).toMatchObject({ bound_ms: 5_000, runs: [{ verdict: 'in_time' }] });
}, 45_000);
