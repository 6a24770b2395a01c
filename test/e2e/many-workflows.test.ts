import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { hewn } from '../unit/cli/scene.ts';
import { admin, exchange, GRANTS, read, send } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/**
 * Two hundred workflows at once, with calls, denials, approvals and revocations between each other,
 * through the gateway. Afterwards the command compares the index with the logs.
 */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ issuerVars: { MINT_CHECK_EVERY: '100' } });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const WORKFLOWS = 200;
/** As many as the issuer and the gateway serve side by side on two cores. */
const AT_ONCE = 8;
/** As many questions as one agent may ask. Each that is approved is one of the workflows. */
const QUESTIONS = 8;
const APPROVED = 5;
/** A call through the gateway takes longer than a mint. */
const CALLS_EVERY = 5;
const REVOKED_EVERY = 10;

const EDIT = { tool: 'mcp/files/edit_file', action: 'write', dataset: 'files/summaries' };
const asking = (task: string, grants: readonly object[]) => ({
  authorization_details: JSON.stringify([{ type: 'hewn_task', task, grants }]),
});

/** Begins a workflow. Some read a report and then a file that they may not, and some are revoked. */
async function work(number: number): Promise<void> {
  const { body } = await exchange(stage, asking(`task ${number} of many`, GRANTS));
  if (number % CALLS_EVERY === 0) {
    const token = String(body.access_token);
    expect((await send(stage, token, read('reports/q1.md'))).status).toBe(200);
    const denied = await send(stage, token, read('private/salaries.csv'));
    expect(denied.code).toBe('no_grant');
  }
  if (number % REVOKED_EVERY !== 0) return;
  const [{ workflow = '' } = {}] = body.authorization_details as { workflow?: string }[];
  const revoked = await admin(stage, `workflows/${workflow}/revoke`, { reason: 'test' });
  expect(revoked.status).toBe(200);
}

/** Asks a person, who approves or refuses. What is approved becomes a workflow. */
async function ask(number: number): Promise<void> {
  const request = asking(`question ${number} of many`, [EDIT]);
  const id = String((await exchange(stage, request)).body.auth_req_id);
  const { digest } = (await (await admin(stage, `approvals/${id}`)).json()) as { digest: string };
  const isApproved = number < APPROVED;
  const answer = isApproved
    ? { decision: 'approve', until: Math.floor(Date.now() / 1000) + 600 }
    : { decision: 'refuse' };
  const body = { ...answer, digest, by: 'alice', reason: 'test' };
  expect((await admin(stage, `approvals/${id}`, body)).status).toBe(200);
  const taken = await exchange(stage, { ...request, auth_req_id: id });
  expect(taken.status).toBe(isApproved ? 200 : 400);
}

const begun = WORKFLOWS - APPROVED;
const revoked = Math.ceil(begun / REVOKED_EVERY);
const denied = Math.ceil(begun / CALLS_EVERY);

async function counted(): Promise<{ counts: object; isWhole: boolean }> {
  const listed = (await (await admin(stage, 'workflows?show=denied')).json()) as {
    counts: { running: number; stopped: number; waiting: number; denied: number };
  };
  const { counts } = listed;
  return { counts, isWhole: counts.denied === denied };
}

test('the command finds no difference between the index and the logs of 200 workflows at once', {
  timeout: 240_000,
}, async () => {
  const jobs = [
    ...Array.from({ length: begun }, (_, number) => () => work(number)),
    ...Array.from({ length: QUESTIONS }, (_, number) => () => ask(number)),
  ];
  const run = async () => {
    for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) await job();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
  // A gateway sends the records of reading tools in batches after the calls.
  await expect.poll(async () => (await counted()).isWhole, { timeout: 60_000 }).toBe(true);
  expect((await counted()).counts).toEqual({
    running: WORKFLOWS - revoked,
    stopped: revoked,
    waiting: 0,
    denied,
  });
  const compared = await hewn(['audit', 'compare', '--json'], {
    now: () => new Date(),
    variable: (name) => (name === 'HEWN_OPERATOR' ? stage.operator : undefined),
    fetch: (input, init) =>
      stage.fetch(String(input).replace('http://127.0.0.1:8788', stage.issuer), init),
  });
  expect(compared).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(compared.out)).toEqual({ checked: WORKFLOWS, differing: [] });
});
