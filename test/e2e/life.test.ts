import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Capability,
  completeWorkflow,
  createDpopKey,
  failWorkflow,
  narrow,
  obtainCapability,
  refreshing,
  stepUp,
} from '../../src/agent/index.ts';
import type { Grant } from '../../src/capability/index.ts';
import { admin, call, exchange, GRANTS, obtain, read, send, TASK } from './agent.ts';
import { openStage, type Stage } from './stage.ts';
import { trailOf } from './trail.ts';

/**
 * The life of a workflow from the outside: every way to stop it, after which its tokens are denied.
 */
let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ rules: 'act' });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

/** A tool of tier 3, which asks the log every time, so no copy of the feed can be behind. */
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'late' });
const good = () => read(stage.documents.reports[0] ?? '');

const DRAFT: Grant = { tool: 'mcp/mail/save_draft', action: 'write', dataset: 'mail' };

async function options(change: object = {}) {
  const { issuer, audience, identity, fetch } = stage;
  return {
    issuer,
    audience,
    fetch,
    task: TASK,
    grants: GRANTS,
    subjectToken: await identity.jwt('alice'),
    actorToken: await identity.jwt('report-agent'),
    ...change,
  };
}
async function obtained(change: object): Promise<Capability> {
  const capability = await obtainCapability(await options(change));
  if (!capability.ok) throw new Error(JSON.stringify(capability.error));
  return capability.value;
}
async function order(workflow: string, move: string): Promise<[number, Record<string, unknown>]> {
  const response = await admin(stage, `workflows/${workflow}/${move}`, { reason: 'test' });
  return [response.status, (await response.json()) as Record<string, unknown>];
}
const codeOf = async ({ token }: Capability) =>
  (await send(stage, token, write())).code ?? 'allowed';

describe('a workflow that an operator suspends', () => {
  test('is denied, and after it resumes its old token stays invalid and a refreshed one works', async () => {
    const old = await obtain(stage);
    const { workflow } = old;
    expect(await codeOf(old)).toBe('allowed');
    expect(await order(workflow, 'suspend')).toMatchObject([
      200,
      { state: 'suspended', gen: 1, effective_by: expect.any(String), verifiers: {} },
    ]);
    expect(await codeOf(old)).toBe('suspended');
    const again = await options({ workflow });
    expect(await obtainCapability(again)).toMatchObject({
      error: { status: 503, error: 'temporarily_unavailable' },
    });
    expect(await order(workflow, 'suspend')).toMatchObject([409, { error: 'move_refused' }]);
    expect(await order(workflow, 'resume')).toMatchObject([200, { state: 'active', gen: 2 }]);
    expect(await codeOf(old)).toBe('revoked');
    expect(await codeOf(await obtained({ workflow }))).toBe('allowed');
  });

  test('and an unknown one is not', async () => {
    expect(await order(`wf_${'A'.repeat(22)}`, 'suspend')).toMatchObject([404, {}]);
    expect(await order('wf_1', 'resume')).toMatchObject([404, {}]);
  });
});

describe('a workflow that its agent ends', () => {
  test('has no token after that, and gets no other', async () => {
    const capability = await obtain(stage);
    expect(await completeWorkflow(capability, await options())).toEqual({
      ok: true,
      value: { workflow: capability.workflow, state: 'completed' },
    });
    expect(await codeOf(capability)).toBe('revoked');
    expect(await obtainCapability(await options({ workflow: capability.workflow }))).toMatchObject({
      error: { error: 'invalid_grant' },
    });
    expect(await completeWorkflow(capability, await options())).toMatchObject({
      error: { status: 401, error: 'invalid_token' },
    });
  });

  test('lets calls in flight finish, for as long as the agent says', async () => {
    const capability = await obtain(stage);
    const done = await completeWorkflow(capability, await options({ graceSeconds: 30 }));
    expect(done).toMatchObject({ value: { state: 'completing' } });
    expect(await codeOf(capability)).toBe('allowed');
    expect(await obtainCapability(await options({ workflow: capability.workflow }))).toMatchObject({
      error: { error: 'invalid_grant' },
    });
    expect(await failWorkflow(capability, await options())).toMatchObject({
      error: { status: 409 },
    });
  });

  test('is not requested again by its holder', async () => {
    const holder = refreshing(() => options());
    expect(await holder.fail('nothing to report')).toMatchObject({ value: { state: 'failed' } });
    expect(await holder.current()).toEqual({ ok: false, error: { code: 'workflow_ended' } });
  });

  test('is not ended by a narrowed token, another id, or a request without its key', async () => {
    const dpop = await createDpopKey();
    const bound = await obtained({ dpop });
    const { holder: _key, ...stolen } = bound;
    const other = await createDpopKey();
    const step = await narrow(bound.token, { expires: new Date(Date.now() + 30_000) });
    if (!step.ok) throw new Error(step.error.code);
    const attempts: readonly (readonly [Capability, number])[] = [
      [{ ...bound, token: step.value }, 403],
      [{ ...bound, workflow: `wf_${'A'.repeat(22)}` }, 401],
      [stolen, 401],
      [{ ...bound, holder: other }, 401],
      [{ ...bound, token: 'none' }, 401],
    ];
    for (const [capability, status] of attempts) {
      expect(await completeWorkflow(capability, await options())).toMatchObject({
        error: { status },
      });
    }
    expect(await completeWorkflow(bound, await options())).toMatchObject({ ok: true });
  });
});

const [READ] = GRANTS;

describe('a child', () => {
  test('ends with its parent, and its parent does not end with it', async () => {
    const parent = await obtain(stage);
    const [first, second] = [await obtained({ parent }), await obtained({ parent })];
    const deep = await obtained({ parent: first });
    expect(deep.workflow.split('.')[0]).toBe(parent.workflow);
    expect(await codeOf(deep)).toBe('allowed');
    await order(first.workflow, 'revoke');
    for (const dead of [first, deep]) expect(await codeOf(dead)).toBe('revoked');
    for (const live of [parent, second]) expect(await codeOf(live)).toBe('allowed');
    await order(parent.workflow, 'revoke');
    for (const dead of [parent, second]) expect(await codeOf(dead)).toBe('revoked');
    const view = await (await admin(stage, `workflows/${second.workflow}`)).json();
    expect(view).toMatchObject({ state: 'revoked', ancestors: [parent.workflow] });
  });

  test('has no more than its parent, even if the policy would grant more', async () => {
    const parent = await obtain(stage, READ ? [READ] : []);
    expect(await obtainCapability(await options({ parent }))).toMatchObject({
      error: { error: 'invalid_scope' },
    });
    expect((await obtained({ parent, grants: READ ? [READ] : [] })).grants).toEqual([READ]);
  });

  test('cannot step up past its parent until that has stepped up itself', async () => {
    const grants = READ ? [READ] : [];
    const parent = await obtain(stage, grants);
    const child = await obtained({ parent, grants });
    const to = (...names: readonly string[]): Grant => ({
      ...DRAFT,
      constraints: { arguments: ['to', 'body'], constraints: { '/to': { subsetOf: names } } },
    });
    const asks = await options({ grants });
    expect(await stepUp(child, [to('a@b.example')], asks)).toMatchObject({
      error: { error: 'invalid_scope' },
    });
    const wider = await stepUp(parent, [to('a@b.example', 'c@d.example')], asks);
    expect(wider).toMatchObject({ ok: true });
    expect(await stepUp(child, [to('a@b.example', 'x@y.example')], asks)).toMatchObject({
      error: { error: 'invalid_scope' },
    });
    expect(await stepUp(child, [to('a@b.example')], asks)).toMatchObject({ ok: true });
  });

  test('takes its share of the budgets, and no more than is left', async () => {
    const parent = await obtain(stage);
    const meters = async (workflow: string) => {
      const view = await (await admin(stage, `workflows/${workflow}`)).json();
      const { meters: all } = view as { meters: { key: string; limit: number; carved: number }[] };
      const calls = all.find(({ key }) => key === 'calls');
      return calls && [calls.limit, calls.carved];
    };
    const child = await obtained({ parent, budgets: { calls: 300 } });
    expect(await meters(parent.workflow)).toEqual([1_000, 300]);
    expect(await meters(child.workflow)).toEqual([300, 0]);
    expect(
      await obtainCapability(await options({ parent, budgets: { calls: 900 } })),
    ).toMatchObject({
      error: { error: 'access_denied' },
    });
  });

  test('cannot begin with a stolen, narrowed or foreign capability of the parent', async () => {
    const dpop = await createDpopKey();
    const bound = await obtained({ dpop });
    const step = await narrow(bound.token, { expires: new Date(Date.now() + 30_000) });
    if (!step.ok) throw new Error(step.error.code);
    const plain = await obtain(stage);
    const foreign = { parent: plain, subjectToken: await stage.identity.jwt('bob') };
    for (const change of [
      { parent: bound },
      { parent: bound, dpop: await createDpopKey() },
      { parent: { ...bound, token: step.value }, dpop },
      { parent: { ...bound, token: 'none' }, dpop },
      foreign,
    ]) {
      expect(await obtainCapability(await options(change))).toMatchObject({
        error: { error: 'invalid_grant' },
      });
    }
    expect((await obtained({ parent: bound, dpop })).workflow).toContain(bound.workflow);
  });

  test('is requested with its parent or continued, never both', async () => {
    const { token, workflow } = await obtain(stage);
    const detail = { type: 'hewn_task', task: TASK, grants: GRANTS };
    for (const more of [
      { parent: token, workflow },
      { budgets: { calls: 1 } },
      { parent: token, budgets: { calls: -1 } },
      { parent: '' },
    ]) {
      const authorization_details = JSON.stringify([{ ...detail, ...more }]);
      expect(await exchange(stage, { authorization_details })).toMatchObject({
        body: { error: 'invalid_authorization_details' },
      });
    }
  });
});

/** Waits until the issuer has the records that the gateway sends after its answers. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await holds()) return;
    await new Promise((waited) => setTimeout(waited, 50));
  }
  throw new Error('the records did not arrive in time');
}
const stateOf = async (workflow: string): Promise<string> => {
  const view = await (await admin(stage, `workflows/${workflow}`)).json();
  return (view as { state: string }).state;
};
interface Written {
  readonly event: string;
  readonly id: string;
  readonly [member: string]: unknown;
}
const trail = async (workflow: string) => (await trailOf(stage, workflow)) as readonly Written[];

describe('an agent that goes astray', () => {
  test('is suspended after three calls out of scope, with their records as evidence', async () => {
    const capability = await obtain(stage, READ ? [READ] : []);
    const { token, workflow } = capability;
    for (let i = 0; i < 3; i++) {
      const astray = await send(stage, token, call('read_text_file', { path: 'a', evil: i }));
      expect(astray).toMatchObject({ status: 403, code: 'argument_unlisted' });
    }
    await eventually(async () => (await stateOf(workflow)) === 'suspended');
    expect(await codeOf(capability)).toBe('suspended');
    const records = await trail(workflow);
    const denied = records.filter(({ event }) => event === 'decision').map(({ id }) => id);
    const [transition] = records.filter(({ event }) => event === 'transition');
    expect(transition).toMatchObject({ to: 'suspended' });
    expect(transition?.evidence).toEqual(denied.slice(0, 3));
    expect(records.find(({ event }) => event === 'deviation')).toMatchObject({
      rule: 'out-of-scope',
      version: 2,
      effect: 'acted',
      evidence: denied.slice(0, 3),
    });
  });
});

describe('a budget', () => {
  const tool = 'mcp/files/write_file';

  test('that is used up denies the next call, and suspends the workflow', async () => {
    const parent = await obtain(stage);
    const child = await obtained({ parent, budgets: { tools: [{ tool, calls: 2 }] } });
    for (let i = 0; i < 2; i++) expect(await codeOf(child)).toBe('allowed');
    expect(await send(stage, child.token, write())).toMatchObject({
      status: 403,
      code: 'budget_exhausted',
    });
    expect(await stateOf(child.workflow)).toBe('suspended');
    expect(await codeOf(child)).toBe('suspended');
    expect(await codeOf(parent)).toBe('allowed');
    // Each irreversible call was recorded before it was answered, and its outcome afterwards.
    await eventually(async () => {
      const records = await trail(child.workflow);
      return records.filter(({ event }) => event === 'outcome').length === 2;
    });
    const written = (await trail(child.workflow)).filter(({ charged }) => charged === true);
    expect(written).toHaveLength(2);
  });

  test('on a sum denies a call without that number', async () => {
    const parent = await obtain(stage);
    const sums = [{ tool, pointer: '/content', micros: 1 }];
    const child = await obtained({ parent, budgets: { sums } });
    expect(await codeOf(child)).toBe('budget_unmeasured');
  });

  test('on reads is counted from their records, and suspends soon after', async () => {
    const parent = await obtain(stage);
    const child = await obtained({ parent, budgets: { calls: 2 } });
    for (let i = 0; i < 3; i++) expect((await send(stage, child.token, good())).status).toBe(200);
    await eventually(async () => (await stateOf(child.workflow)) === 'suspended');
  });
});

test('the rules are listed, and only a rule that is held back can be armed', async () => {
  const shown = (await (await admin(stage, 'rules')).json()) as { rules: { id: string }[] };
  expect(shown.rules.map(({ id }) => id)).toContain('out-of-scope');
  const armed = await admin(stage, 'rules/out-of-scope@2/arm', { reason: 'test' });
  expect(armed.status).toBe(404);
  expect((await send(stage, 'none', good())).status).toBe(401);
});
