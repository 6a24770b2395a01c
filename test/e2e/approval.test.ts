import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import * as oauth from 'oauth4webapi';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type ApprovalPending,
  createDpopKey,
  narrowingFetch,
  type ObtainOptions,
  obtainCapability,
  type StepUpError,
  stepUp,
} from '../../src/agent/index.ts';
import { questionDigest } from '../../src/approval/index.ts';
import { canonicalJson } from '../../src/canonical-json.ts';
import type { Grant } from '../../src/capability/index.ts';
import { readSeconds } from '../../src/clock.ts';
import { admin, call, catalogue, exchange, obtain, send } from './agent.ts';
import { exchanged, TOKEN_EXCHANGE, wanted } from './peers/requests.ts';
import { openStage, type Stage } from './stage.ts';
import { trailOf } from './trail.ts';

/** Human approval from the outside: the agent over HTTP and with the SDK, and the operator. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const AGENT = 'report-agent';
const READ: Grant = {
  tool: 'mcp/files/read_text_file',
  action: 'read',
  dataset: 'files/reports',
};
const EDIT: Grant = {
  tool: 'mcp/files/edit_file',
  action: 'write',
  dataset: 'files/summaries/churn.md',
};
const WRITE: Grant = { ...EDIT, tool: 'mcp/files/write_file' };
const edit = (newText: string) =>
  call('edit_file', { path: 'summaries/churn.md', edits: [{ oldText: 'old', newText }] });

let tasks = 0;
/** Returns a task that no other test uses: the same question is only asked once. */
const freshTask = () => `edit ${++tasks} of the summary`;

const detailOf = (task: string, grants: readonly Grant[] = [EDIT], more: object = {}) =>
  JSON.stringify([{ type: 'hewn_task', task, grants, ...more }]);

type Changes = Readonly<Record<string, string | undefined>>;
const ask = (task: string, changes: Changes = {}) =>
  exchange(stage, { authorization_details: detailOf(task), ...changes });

interface Question {
  readonly id: string;
  readonly poll: (changes?: Changes) => ReturnType<typeof exchange>;
}

async function begin(task: string, changes: Changes = {}): Promise<Question> {
  const { status, body } = await ask(task, changes);
  expect(body).toMatchObject({ error: 'authorization_pending', interval: 5 });
  expect(status).toBe(400);
  const id = String(body.auth_req_id);
  const repeated = { authorization_details: detailOf(task), ...changes, auth_req_id: id };
  return { id, poll: (changed = {}) => exchange(stage, { ...repeated, ...changed }) };
}

interface View {
  readonly id: string;
  readonly digest: string;
  readonly state: string;
  readonly question: Record<string, unknown>;
  readonly words: readonly string[];
}
const show = async (id: string) => (await (await admin(stage, `approvals/${id}`)).json()) as View;

const secondsFromNow = (seconds = 120) => readSeconds() + seconds;
async function answer(id: string, changes: Record<string, unknown> = {}) {
  const { digest } = await show(id);
  const approval = { decision: 'approve', by: 'carol@acme.example', reason: 'as agreed', digest };
  const until = changes.decision === 'refuse' ? {} : { until: secondsFromNow() };
  const response = await admin(stage, `approvals/${id}`, { ...approval, ...until, ...changes });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

type Trail = readonly Record<string, unknown>[];
const records = async (): Promise<Trail> => {
  const { records: linked } = (await (await admin(stage, 'audit')).json()) as {
    records: { record: Record<string, unknown> }[];
  };
  return linked.map(({ record }) => record);
};
const recordsOf = async (id: string) =>
  (await records()).filter(
    ({ approval }) => approval === id || (approval as { id?: string } | undefined)?.id === id,
  );

describe('a request that needs approval', () => {
  test('is asked, approved, minted once and used at the gateway, with each step in the audit log', async () => {
    const task = freshTask();
    const { id, poll } = await begin(task);
    expect(id).toMatch(/^apr_[\w-]{43}$/);
    expect((await poll()).body).toMatchObject({ error: 'authorization_pending', auth_req_id: id });
    const listed = (await (await admin(stage, 'approvals')).json()) as { approvals: View[] };
    expect(listed.approvals.map((one) => one.id)).toContain(id);
    const view = await show(id);
    expect(view.question).toMatchObject({ grants: [EDIT], task, owner: 'team:growth', tier: 3 });
    expect(view.digest).toBe(await questionDigest(canonicalJson(view.question as never)));
    expect(view.words.join('\n')).toContain('"write" with "mcp/files/edit_file"');
    const until = secondsFromNow(100);
    expect((await answer(id, { until })).body).toMatchObject({ state: 'approved' });
    const minted = await poll();
    expect(minted.status).toBe(200);
    expect(minted.body.expires_in).toBeLessThanOrEqual(100);
    const token = String(minted.body.access_token);
    const edited = await send(stage, token, edit('new'));
    expect(edited).toMatchObject({ status: 200, body: { result: expect.anything() } });
    const recorded = await recordsOf(id);
    expect(recorded.map(({ event }) => event)).toEqual([
      'approval_asked',
      'approval_decided',
      'mint',
    ]);
    expect(recorded[0]).toMatchObject({ grants: [EDIT], digest: view.digest, task });
    expect(recorded[1]).toMatchObject({ by: 'carol@acme.example', actor: 'operator', until });
    expect(recorded[2]).toMatchObject({ approval: { id, by: 'carol@acme.example', until } });
    expect((await poll()).body).toMatchObject({ error: 'invalid_grant' });
    expect(await recordsOf(id)).toHaveLength(3);
    expect((await show(id)).state).toBe('used');
  });

  test('is minted once per approval, even by concurrent polls', async () => {
    const { id, poll } = await begin(freshTask());
    await answer(id);
    const both = await Promise.all([poll(), poll(), poll()]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect((await recordsOf(id)).filter(({ event }) => event === 'mint')).toHaveLength(1);
  });

  test('creates one question, however often the agent asks', async () => {
    const task = freshTask();
    const { id } = await begin(task);
    for (let again = 0; again < 3; again++) expect((await begin(task)).id).toBe(id);
    expect(await recordsOf(id)).toHaveLength(1);
    expect((await begin(`${task}.`)).id).not.toBe(id);
  });

  test('stays refused after a person refused it', async () => {
    const task = freshTask();
    const { id, poll } = await begin(task);
    expect((await answer(id, { decision: 'refuse' })).body).toMatchObject({ state: 'refused' });
    expect((await poll()).body).toMatchObject({ error: 'access_denied' });
    expect((await ask(task)).body).toMatchObject({ error: 'access_denied' });
    expect((await recordsOf(id)).map(({ event }) => event)).toEqual([
      ...['approval_asked', 'approval_decided'],
    ]);
    const refusal = (await records()).findLast(({ event }) => event === 'refusal');
    expect(refusal).toMatchObject({ code: 'approval_refused', grants: [EDIT] });
  });

  test('is refused after the approval expired unused', async () => {
    const { id, poll } = await begin(freshTask());
    await answer(id, { until: secondsFromNow(2) });
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect((await poll()).body).toMatchObject({ error: 'expired_token' });
    expect((await recordsOf(id)).map(({ event }) => event)).not.toContain('mint');
  });

  test('gets slow_down for polling too fast, five seconds more each time', async () => {
    const { poll } = await begin(freshTask());
    expect((await poll()).body).toMatchObject({ error: 'authorization_pending', interval: 5 });
    expect((await poll()).body).toMatchObject({ error: 'slow_down', interval: 10 });
    expect((await poll()).body).toMatchObject({ error: 'slow_down', interval: 15 });
    const codes = (await records()).map(({ code }) => code);
    expect(codes).not.toContain('approval_pending');
  });
});

describe('an approval does not cover a request with', () => {
  const changedRequests: readonly (readonly [
    string,
    (task: string) => Promise<Changes> | Changes,
  ])[] = [
    ['another user', async () => ({ subject_token: await stage.identity.jwt('bob') })],
    ['another task', (task) => ({ authorization_details: detailOf(`${task} and more`) })],
    [
      'another dataset',
      (task) => ({
        authorization_details: detailOf(task, [{ ...EDIT, dataset: 'files/summaries' }]),
      }),
    ],
    ['another tool', (task) => ({ authorization_details: detailOf(task, [WRITE]) })],
    ['one more grant', (task) => ({ authorization_details: detailOf(task, [EDIT, READ]) })],
    ['the same grant twice', (task) => ({ authorization_details: detailOf(task, [EDIT, EDIT]) })],
    [
      'a workflow to continue',
      async (task) => {
        const { body } = await exchange(stage, { authorization_details: detailOf(task, [WRITE]) });
        const [{ workflow = '' } = {}] = body.authorization_details as { workflow?: string }[];
        return {
          authorization_details: detailOf(task, [EDIT], { workflow, step_up: true }),
        };
      },
    ],
  ];
  test.each(changedRequests)('%s, and stays valid for the approved request', async (_, change) => {
    const task = freshTask();
    const { id, poll } = await begin(task);
    await answer(id);
    expect((await poll(await change(task))).body).toMatchObject({ error: 'invalid_grant' });
    const refusal = (await records()).findLast(({ event }) => event === 'refusal');
    expect(refusal).toMatchObject({ code: 'approval_foreign:question_differs' });
    expect((await poll()).status).toBe(200);
  });

  test('other constraints on its arguments, or none', async () => {
    const task = freshTask();
    const only = (path: string): Grant => ({
      ...EDIT,
      constraints: {
        arguments: ['path', 'edits'],
        constraints: { '/path': { exact: path }, '/edits': { present: true } },
      },
    });
    const requestFor = (grant: Grant) => ({ authorization_details: detailOf(task, [grant]) });
    const approved = requestFor(only('summaries/churn.md'));
    const { id, poll } = await begin(task, approved);
    expect((await show(id)).words.join('\n')).toContain('{"exact":"summaries/churn.md"}');
    await answer(id);
    for (const changed of [only('summaries/other.md'), EDIT]) {
      expect((await poll(requestFor(changed))).body).toMatchObject({ error: 'invalid_grant' });
    }
    const minted = await poll();
    expect(minted.status).toBe(200);
    const token = String(minted.body.access_token);
    const elsewhere = call('edit_file', { path: 'summaries/other.md', edits: [] });
    expect((await send(stage, token, elsewhere)).status).toBe(403);
    expect((await send(stage, token, edit('constrained'))).status).toBe(200);
  });

  test('another key, or none', async () => {
    const [key, other] = [await createDpopKey(), await createDpopKey()];
    const task = freshTask();
    const obtainWith = async (dpop = key, id?: string, bound = true) =>
      obtainCapability({
        ...(await options(task)),
        ...(bound && { dpop }),
        ...(id !== undefined && { approval: { id } }),
      });
    const { id } = pendingOf(await obtainWith());
    expect((await show(id)).question.holder).toBe(key.thumbprint);
    await answer(id);
    for (const stolen of [await obtainWith(other, id), await obtainWith(key, id, false)]) {
      expect(stolen).toEqual({ ok: false, error: { code: 'approval_void' } });
    }
    expect(await obtainWith(key, id)).toMatchObject({ ok: true });
  });

  test('another agent or an unknown id, with the same error for both', async () => {
    const { id, poll } = await begin(freshTask());
    await answer(id);
    const strangers = [
      await poll({ actor_token: await stage.identity.jwt('mail-agent') }),
      await poll({ auth_req_id: `apr_${'A'.repeat(43)}` }),
      await ask(freshTask(), { auth_req_id: id }),
    ];
    expect(strangers[0]?.body).toMatchObject({ error: 'invalid_request' });
    expect(strangers[1]?.body).toEqual(strangers[2]?.body);
    expect(strangers[1]?.body).toMatchObject({ error: 'invalid_grant' });
  });

  test('other grants, even if those need no approval', async () => {
    const task = freshTask();
    const { id } = await begin(task);
    await answer(id);
    const other = await ask(task, {
      authorization_details: detailOf(task, [READ]),
      auth_req_id: id,
    });
    expect(other.body).toMatchObject({ error: 'invalid_grant' });
  });

  test.each(['', ' ', 'null', 'apr_', `apr_${'A'.repeat(42)}`, `apr_${'A'.repeat(44)}`, '../x'])(
    'the malformed id %j, which is refused and not ignored',
    async (auth_req_id) => {
      const task = freshTask();
      const refused = await exchange(stage, {
        authorization_details: detailOf(task, [READ]),
        auth_req_id,
      });
      expect(refused.body).toMatchObject({
        error: 'invalid_request',
        error_description: 'Unknown auth_req_id.',
      });
    },
  );
});

const options = async (task: string, grants: readonly Grant[] = [EDIT]): Promise<ObtainOptions> => {
  const { issuer, audience, identity, fetch } = stage;
  return {
    issuer,
    audience,
    task,
    grants,
    fetch,
    subjectToken: await identity.jwt('alice'),
    actorToken: await identity.jwt('report-agent'),
  };
};
const pendingOf = (outcome: { ok: boolean; error?: StepUpError }) => {
  if (outcome.error?.code !== 'approval_pending') throw new Error(JSON.stringify(outcome));
  return outcome.error;
};

describe('an agent with the Hewn SDK', () => {
  test('gets the pending approval, and polls with its id', async () => {
    const request = await options(freshTask());
    const pending = pendingOf(await obtainCapability(request));
    expect(pending.intervalSeconds).toBe(5);
    expect(pending.expires.getTime()).toBeGreaterThan(Date.now() + 500_000);
    await answer(pending.id);
    const approval = { id: pending.id };
    expect(await obtainCapability({ ...request, approval })).toMatchObject({
      ok: true,
      value: { grants: [EDIT] },
    });
    expect(await obtainCapability({ ...request, approval })).toEqual({
      ok: false,
      error: { code: 'approval_void' },
    });
  });

  test('waits for the answer, calls onPending once, and uses the capability with the MCP SDK', async () => {
    const pendings: ApprovalPending[] = [];
    const capability = await obtainCapability({
      ...(await options(freshTask())),
      approval: {
        waitMilliseconds: 15_000,
        onPending: (pending) => {
          pendings.push(pending);
          void answer(pending.id);
        },
      },
    });
    if (!capability.ok) throw new Error(JSON.stringify(capability.error));
    expect(pendings).toHaveLength(1);
    const fetch = narrowingFetch({
      capability: capability.value,
      catalogue: await catalogue(),
      server: 'files',
      fetch: stage.fetch,
    });
    const client = new Client({ name: 'a', version: '1' });
    const url = new URL(`${stage.audience}/mcp/files`);
    await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
    const edits = [{ oldText: 'x', newText: 'y' }];
    const args = { path: 'summaries/churn.md', edits, dryRun: true };
    expect(await client.callTool({ name: 'edit_file', arguments: args })).toBeDefined();
    await client.close();
  });

  test('steps up with an approval in the same workflow, and needs a new approval to continue it', async () => {
    const current = await obtain(stage, [READ]);
    const request = await options(current.task, [READ]);
    const pending = pendingOf(await stepUp(current, [EDIT], request));
    const words = (await show(pending.id)).words.join('\n');
    expect(words).toContain(`continues "${current.workflow}", with more than it has`);
    expect(words).toContain(`"write" with "${EDIT.tool}" on "${EDIT.dataset}" is new`);
    expect(words).not.toContain(`with "${READ.tool}" on "${READ.dataset}" is new`);
    await answer(pending.id);
    const widened = await stepUp(current, [EDIT], { ...request, approval: { id: pending.id } });
    if (!widened.ok) throw new Error(JSON.stringify(widened.error));
    expect(widened.value).toMatchObject({ workflow: current.workflow, grants: [READ, EDIT] });
    const own = await trailOf(stage, current.workflow);
    expect(own.map(({ event }) => event)).toEqual([
      ...['mint', 'approval_asked', 'approval_decided', 'mint'],
    ]);
    const { workflow, grants } = widened.value;
    const again = pendingOf(await obtainCapability({ ...request, workflow, grants }));
    expect(again.id).not.toBe(pending.id);
    await answer(again.id);
    const continued = await obtainCapability({
      ...request,
      workflow,
      grants,
      approval: { id: again.id },
    });
    expect(continued).toMatchObject({ ok: true, value: { workflow, grants } });
    const less = await obtainCapability({ ...request, workflow, grants: [READ] });
    expect(less).toMatchObject({ ok: true, value: { workflow } });
  });

  test('gets no capability from an approval if the workflow was revoked meanwhile', async () => {
    const current = await obtain(stage, [READ]);
    const request = await options(current.task, [READ]);
    const pending = pendingOf(await stepUp(current, [EDIT], request));
    await answer(pending.id);
    await admin(stage, `workflows/${current.workflow}/revoke`, { reason: 'test' });
    const approval = { id: pending.id };
    expect(await stepUp(current, [EDIT], { ...request, approval })).toMatchObject({ ok: false });
    expect((await recordsOf(pending.id)).map(({ event }) => event)).not.toContain('mint');
  });
});

test('oauth4webapi, unmodified, asks, polls with auth_req_id and reads every error', async () => {
  const http = {
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (url: string, init: object) => stage.fetch(url, init as RequestInit),
  };
  const issuer = new URL(stage.issuer);
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...http });
  const server = await oauth.processDiscoveryResponse(issuer, found);
  const client = { client_id: 'report-agent' };
  const [subject, actor] = [await stage.identity.jwt('alice'), await stage.identity.jwt(AGENT)];
  const form = { ...exchanged(subject, actor), ...wanted(stage.audience, [EDIT]) };
  const request = async (more: Record<string, string> = {}) => {
    const response = await oauth.genericTokenEndpointRequest(
      ...([server, client, oauth.None(), TOKEN_EXCHANGE, { ...form, ...more }, http] as const),
    );
    return oauth.processGenericTokenEndpointResponse(server, client, response).then(
      (token) => ({ token, error: undefined, cause: undefined }),
      ({ error, cause }: oauth.ResponseBodyError) => ({ token: undefined, error, cause }),
    );
  };
  const first = await request();
  expect(first.error).toBe('authorization_pending');
  const { auth_req_id = '' } = (first.cause ?? {}) as { auth_req_id?: string };
  expect((await request({ auth_req_id })).error).toBe('authorization_pending');
  expect((await request({ auth_req_id })).error).toBe('slow_down');
  await answer(auth_req_id);
  expect((await request({ auth_req_id })).token).toMatchObject({ token_type: 'bearer' });
  expect((await request({ auth_req_id })).error).toBe('invalid_grant');
});

describe('an operator', () => {
  test('approves nothing with another digest, or with none', async () => {
    const { id, poll } = await begin(freshTask());
    const other = await begin(freshTask());
    const { digest } = await show(other.id);
    expect(await answer(id, { digest })).toMatchObject({
      status: 409,
      body: { error: 'digest_differs' },
    });
    expect(await answer(id, { digest: undefined })).toMatchObject({ status: 400 });
    expect((await poll()).body).toMatchObject({ error: 'authorization_pending' });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['no decision', { decision: undefined }, 'invalid_request'],
    ['another decision', { decision: 'approved' }, 'invalid_request'],
    ['a blank name', { by: ' ' }, 'invalid_request'],
    ['no reason', { reason: '' }, 'invalid_request'],
    ['no end', { until: undefined }, 'invalid_request'],
    ['an end as text', { until: '2026-11-23T10:00:00Z' }, 'invalid_request'],
    ['an end that has passed', { until: secondsFromNow(-1) }, 'until_invalid'],
    ['an end tomorrow', { until: secondsFromNow(86_400) }, 'until_invalid'],
    ['an unknown member', { force: true }, 'invalid_request'],
    ['a list of digests', { digest: [] }, 'invalid_request'],
  ])('approves nothing with %s', async (_, changes, error) => {
    const { id, poll } = await begin(freshTask());
    const refused = await answer(id, changes);
    expect(refused).toMatchObject({ status: 400, body: { error } });
    expect((await poll()).body).toMatchObject({ error: 'authorization_pending' });
    expect((await recordsOf(id)).map(({ event }) => event)).toEqual(['approval_asked']);
    await answer(id, { decision: 'refuse' });
  });

  test('an agent cannot approve its own request, by name or with its tokens', async () => {
    const { id, poll } = await begin(freshTask());
    const { agent } = (await show(id)).question;
    expect(await answer(id, { by: agent })).toMatchObject({
      status: 403,
      body: { error: 'approver_is_agent' },
    });
    const { digest } = await show(id);
    const order = {
      decision: 'approve',
      by: 'me',
      reason: 'I want',
      digest,
      until: secondsFromNow(),
    };
    for (const token of [id, await stage.identity.jwt('report-agent'), '']) {
      const response = await stage.fetch(`${stage.issuer}/admin/v1/approvals/${id}`, {
        method: 'POST',
        body: JSON.stringify(order),
        headers: { authorization: `Bearer ${token}` },
      });
      expect(response.status).toBe(401);
    }
    expect((await poll()).body).toMatchObject({ error: 'authorization_pending' });
    await answer(id, { decision: 'refuse' });
  });

  test('can repeat an answer, but not change it', async () => {
    const { id } = await begin(freshTask());
    const until = secondsFromNow();
    expect(await answer(id, { until })).toMatchObject({ status: 200 });
    expect(await answer(id, { until })).toMatchObject({ status: 200 });
    const ended = { status: 409, body: { error: 'approval_ended' } };
    expect(await answer(id, { until, by: 'dave@acme.example' })).toMatchObject(ended);
    expect(await recordsOf(id)).toHaveLength(2);
  });

  test('can withdraw an unused approval, permanently', async () => {
    const { id, poll } = await begin(freshTask());
    expect((await answer(id)).status).toBe(200);
    expect(await answer(id, { decision: 'refuse' })).toMatchObject({
      status: 200,
      body: { state: 'refused' },
    });
    expect((await answer(id)).status).toBe(409);
    expect((await poll()).body).toMatchObject({ error: 'access_denied' });
  });

  test('gets an error for an unknown id, and for an invalid position', async () => {
    const unknown = `approvals/apr_${'A'.repeat(43)}`;
    const order = { decision: 'refuse', by: 'carol', reason: 'x', digest: '0'.repeat(64) };
    for (const path of [unknown, 'approvals/x']) {
      expect((await admin(stage, path)).status).toBe(404);
      expect((await admin(stage, path, order)).status).toBe(404);
    }
    expect((await admin(stage, 'approvals?after=x')).status).toBe(400);
  });

  test('is not flooded: the pending questions of one agent are bounded', async () => {
    for (let i = 0; i < 8; i++) {
      const { body } = await ask(freshTask());
      if (body.error !== 'authorization_pending') break;
    }
    const refused = await ask(freshTask());
    expect(refused).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    const { approvals } = (await (await admin(stage, 'approvals')).json()) as { approvals: View[] };
    expect(approvals.length).toBeLessThanOrEqual(8);
  });
});
