import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { obtain, read, send } from './agent.ts';
import { openStage, type Stage } from './stage.ts';
import { trailOf } from './trail.ts';

/** How many requests per minute a gateway accepts from one workflow, and from one source. */
let stage: Stage;

beforeAll(async () => {
  stage = await openStage({
    gatewayVars: {
      RATE_LIMITS: JSON.stringify({ requestPerWorkflow: 4, requestPerSource: 12 }),
      SOURCE_HEADER: 'x-source-of-the-platform',
    },
  });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const good = () => read(stage.documents.reports[0] ?? '');

async function decisionsOf(workflow: string): Promise<number> {
  return (await trailOf(stage, workflow)).filter(({ event }) => event === 'decision').length;
}

/** Returns how many further requests a rate has allowed meanwhile. None, except on a busy machine. */
const allowedSince = (begun: number, perMinute: number): number =>
  Math.floor(((Date.now() - begun) / 60_000) * perMinute);

test('a workflow over its rate learns when to come back, and does not fill the log', async () => {
  const [one, other] = await Promise.all([obtain(stage), obtain(stage)]);
  const answers = [];
  const begun = Date.now();
  for (let i = 0; i < 12; i++) answers.push(await send(stage, one.token, good()));
  const limited = answers.filter(({ status }) => status === 429);
  expect(answers.slice(0, 4).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(limited.length).toBeLessThanOrEqual(8);
  expect(limited.length).toBeGreaterThanOrEqual(8 - allowedSince(begun, 4));
  expect(limited[0]).toMatchObject({ code: 'rate_limited', body: { id: 1 } });
  // Another workflow has its own allowance.
  expect((await send(stage, other.token, good())).status).toBe(200);
  await expect.poll(() => decisionsOf(one.workflow)).toBe(12 - limited.length);
});

test('a denied call counts like an allowed one', async () => {
  const { token } = await obtain(stage);
  const outside = read('private/salaries.csv');
  const codes = [];
  const begun = Date.now();
  for (let i = 0; i < 6; i++) codes.push((await send(stage, token, outside)).code);
  const allowed = Math.min(6, 4 + allowedSince(begun, 4));
  expect(codes.slice(0, 4)).toEqual(Array(4).fill('no_grant'));
  expect(codes.filter((code) => code === 'rate_limited').length).toBeGreaterThanOrEqual(
    6 - allowed,
  );
});

test('a stranger is limited by source, before its token is read', async () => {
  const ask = async (source: string) => {
    const headers = { 'x-source-of-the-platform': source };
    return (await send(stage, 'no-token', good(), headers)).status;
  };
  const statuses = [];
  const begun = Date.now();
  for (let i = 0; i < 14; i++) statuses.push(await ask('192.0.2.1'));
  expect(statuses.slice(0, 12)).not.toContain(429);
  const limited = statuses.filter((status) => status === 429);
  expect(limited.length).toBeGreaterThanOrEqual(2 - allowedSince(begun, 12));
  expect(await ask('192.0.2.2')).toBe(401);
});
