import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { obtainCapability, refreshing } from '../../src/agent/index.ts';
import type { Grant } from '../../src/capability/index.ts';
import { admin, call, exchange, GRANTS, obtain, read, send, TASK } from './agent.ts';
import { openStage, type Stage } from './stage.ts';
import { trailOf } from './trail.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const details = (workflow: string, grants: readonly Grant[] = GRANTS, task = TASK) =>
  JSON.stringify([{ type: 'hewn_task', task, grants, workflow }]);

const good = () => read(stage.documents.reports[0] ?? '');
/** A tool of tier 3, which asks the log every time, so no copy of the feed can be behind. */
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'late' });
const [READ] = GRANTS;
const BELOW: Grant = {
  tool: 'mcp/files/read_text_file',
  action: 'read',
  dataset: 'files/reports/2026',
};

describe('a workflow that is continued', () => {
  test('has another capability, and both are invalid once it is revoked', async () => {
    const { token, workflow } = await obtain(stage);
    const continued = await exchange(stage, { authorization_details: details(workflow) });
    expect(continued).toMatchObject({
      status: 200,
      body: { authorization_details: [{ workflow, grants: GRANTS }] },
    });
    const second = String(continued.body.access_token);
    expect(second).not.toBe(token);
    expect((await send(stage, second, good())).status).toBe(200);
    const view = await (await admin(stage, `workflows/${workflow}`)).json();
    expect((view as { blocks: unknown[] }).blocks).toHaveLength(2);
    await admin(stage, `workflows/${workflow}/revoke`, { reason: 'test' });
    for (const dead of [token, second]) {
      expect(await send(stage, dead, write())).toMatchObject({ status: 401, code: 'revoked' });
    }
    const trail = await trailOf(stage, workflow);
    // The second one repeats the first, so the end of the workflow counts it.
    expect(trail.filter(({ event }) => event === 'mint')).toHaveLength(1);
    expect(trail).toContainEqual(expect.objectContaining({ event: 'revocation', renewals: 1 }));
  });

  test('may have less than before', async () => {
    const { workflow } = await obtain(stage);
    const less = await exchange(stage, { authorization_details: details(workflow, [BELOW]) });
    expect(less.body).toMatchObject({ authorization_details: [{ grants: [BELOW] }] });
  });

  test('a workflow that has ended gets no token', async () => {
    const { workflow } = await obtain(stage);
    await admin(stage, `workflows/${workflow}/revoke`, { reason: 'test' });
    expect(await exchange(stage, { authorization_details: details(workflow) })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  });

  test('is not widened, even if the policy would grant it to a new one', async () => {
    if (!READ) throw new Error('no grant');
    const capability = await obtain(stage, [BELOW]);
    const wider = details(capability.workflow, [READ]);
    expect(await exchange(stage, { authorization_details: wider })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
  });

  test("another agent's, unknown or ended: the answer is the same", async () => {
    const { workflow } = await obtain(stage);
    const authorization_details = details(workflow);
    const foreign = [
      { authorization_details, subject_token: await stage.identity.jwt('bob') },
      { authorization_details: details(workflow, GRANTS, 'another task') },
      { authorization_details: details(`wf_${'A'.repeat(22)}`) },
    ];
    const answers = [];
    for (const changes of foreign) answers.push(await exchange(stage, changes));
    await admin(stage, `workflows/${workflow}/revoke`, { reason: 'test' });
    answers.push(await exchange(stage, { authorization_details }));
    expect(answers[0]).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  test('by a malformed id is refused with its authorization detail', async () => {
    for (const id of ['', 'wf_1', `../${'A'.repeat(22)}`]) {
      expect(await exchange(stage, { authorization_details: details(id) })).toMatchObject({
        body: { error: 'invalid_authorization_details' },
      });
    }
  });
});

describe('an agent that refreshes', () => {
  test('continues in one workflow, and stops the moment it ends', async () => {
    let ahead = 0;
    const { issuer, audience, identity, fetch } = stage;
    const holder = refreshing(async () => ({
      issuer,
      audience,
      task: TASK,
      grants: GRANTS,
      fetch,
      now: () => Date.now() + ahead,
      subjectToken: await identity.jwt('alice'),
      actorToken: await identity.jwt('report-agent'),
    }));
    const first = await holder.current();
    if (!first.ok) throw new Error(first.error.code);
    ahead = 299_000;
    const second = await holder.current();
    if (!second.ok) throw new Error(second.error.code);
    expect(second.value.workflow).toBe(first.value.workflow);
    expect(second.value.token).not.toBe(first.value.token);
    await admin(stage, `workflows/${first.value.workflow}/revoke`, { reason: 'test' });
    ahead += 299_000;
    for (let again = 0; again < 2; again++) {
      expect(await holder.current()).toEqual({ ok: false, error: { code: 'workflow_ended' } });
    }
  });

  test('a revocation among many renewals leaves no allowed token', async () => {
    const { workflow, ...first } = await obtain(stage);
    const { issuer, audience, identity, fetch } = stage;
    const options = {
      issuer,
      audience,
      task: TASK,
      grants: first.grants,
      fetch,
      workflow,
      subjectToken: await identity.jwt('alice'),
      actorToken: await identity.jwt('report-agent'),
    };
    const renewals = Array.from({ length: 12 }, () => obtainCapability(options));
    await admin(stage, `workflows/${workflow}/revoke`, { reason: 'race' });
    for (const renewal of await Promise.all(renewals)) {
      if (!renewal.ok) {
        expect(renewal.error).toMatchObject({ error: 'invalid_grant' });
        continue;
      }
      const answer = await send(stage, renewal.value.token, write());
      expect(answer).toMatchObject({ status: 401, code: 'revoked' });
    }
    expect(await obtainCapability(options)).toMatchObject({ error: { error: 'invalid_grant' } });
  });
});
