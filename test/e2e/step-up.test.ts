import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  narrowingFetch,
  neededGrants,
  type ObtainOptions,
  refreshing,
  stepUp,
} from '../../src/agent/index.ts';
import type { Grant } from '../../src/capability/index.ts';
import { admin, call, catalogue, exchange, GRANTS, obtain, read, send, TASK } from './agent.ts';
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

const READ: Grant = {
  tool: 'mcp/files/read_text_file',
  action: 'read',
  dataset: 'files/reports',
};
const WRITE: Grant = {
  tool: 'mcp/files/write_file',
  action: 'write',
  dataset: 'files/summaries/churn.md',
};
/** The grant that a denied call needs: the sink is pinned to the value of the call. */
const PINNED: Grant = {
  ...WRITE,
  constraints: {
    arguments: ['path', 'content'],
    constraints: { '/path': { exact: 'summaries/churn.md' } },
  },
};
const DRAFT: Grant = { tool: 'mcp/mail/save_draft', action: 'write', dataset: 'mail' };
const draft = (token: string, to: readonly string[]) =>
  send(stage, token, call('save_draft', { to, subject: 'churn', body: 'It fell.' }), {}, 'mail');
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });

const options = async (): Promise<ObtainOptions> => {
  const { issuer, audience, identity, fetch } = stage;
  return {
    issuer,
    audience,
    task: TASK,
    grants: [READ],
    fetch,
    subjectToken: await identity.jwt('alice'),
    actorToken: await identity.jwt('report-agent'),
  };
};

describe('an agent that was denied because no grant covers the call', () => {
  test('steps up with the challenge in the same workflow, and keeps its grants', async () => {
    const current = await obtain(stage, [READ]);
    const denied = await send(stage, current.token, write());
    expect(denied).toMatchObject({ status: 403, code: 'no_grant' });
    const needed = neededGrants(denied.text);
    expect(needed).toEqual([PINNED]);
    const widened = await stepUp(current, needed ?? [], await options());
    if (!widened.ok) throw new Error(widened.error.code);
    expect(widened.value).toMatchObject({ workflow: current.workflow, grants: [READ, PINNED] });
    expect((await send(stage, widened.value.token, write())).status).toBe(200);
    expect((await send(stage, current.token, write())).code).toBe('no_grant');
    const trail = await trailOf(stage, current.workflow);
    const mints = trail.flatMap((record) => (record.event === 'mint' ? [record.stepUp] : []));
    expect(mints).toEqual([undefined, true]);
  });

  test('gets exactly the denied call: its sinks accept no other value', async () => {
    const current = await obtain(stage, [READ]);
    const denied = await draft(current.token, ['carol@partner.example']);
    const needed = neededGrants(denied.text) ?? [];
    const to = { '/to': { subsetOf: ['carol@partner.example'] } };
    expect(needed).toMatchObject([{ ...DRAFT, constraints: { constraints: to } }]);
    const widened = await stepUp(current, needed, await options());
    if (!widened.ok) throw new Error(widened.error.code);
    const { token } = widened.value;
    expect((await draft(token, ['carol@partner.example'])).status).toBe(200);
    for (const thief of [['thief@evil.example'], ['carol@partner.example', 'thief@evil.example']]) {
      expect((await draft(token, thief)).status).toBe(403);
    }
  });

  test('widens a constraint only by the denied value', async () => {
    const pinned = (...to: readonly string[]): Grant => ({
      ...DRAFT,
      constraints: {
        arguments: ['to', 'subject', 'body'],
        constraints: { '/to': { subsetOf: to } },
      },
    });
    const [bob, carol] = ['bob@partner.example', 'carol@partner.example'];
    const current = await obtain(stage, [READ, pinned(bob)]);
    const denied = await draft(current.token, [carol]);
    expect(denied).toMatchObject({ status: 403, code: 'constraint_failed' });
    const needed = neededGrants(denied.text) ?? [];
    expect(needed).toEqual([pinned(carol)]);
    const widened = await stepUp(current, needed, await options());
    if (!widened.ok) throw new Error(JSON.stringify(widened.error));
    expect(widened.value.grants).toEqual([READ, pinned(bob, carol)]);
    const { token } = widened.value;
    expect((await draft(token, [bob, carol])).status).toBe(200);
    expect((await draft(token, ['thief@evil.example'])).status).toBe(403);
  });

  test('cannot widen a constraint that the policy requires, and keeps its capability', async () => {
    const SEND: Grant = { ...DRAFT, tool: 'mcp/mail/send_message' };
    const current = await obtain(stage, [READ, SEND]);
    const mail = { to: ['thief@evil.example'], subject: 'churn', body: 'It fell.' };
    const denied = await send(stage, current.token, call('send_message', mail), {}, 'mail');
    const needed = neededGrants(denied.text) ?? [];
    expect(needed).toHaveLength(1);
    expect(await stepUp(current, needed, await options())).toEqual({
      ok: false,
      error: { code: 'constraints_conflict', tool: SEND.tool, pointer: '/to' },
    });
  });

  test('gets everything that the call needs in one challenge', async () => {
    const { token } = await obtain(stage, [WRITE]);
    const paths = ['reports/a.md', 'private/b.md'];
    const denied = await send(stage, token, call('read_multiple_files', { paths }));
    expect(neededGrants(denied.text)?.map(({ dataset }) => dataset)).toEqual([
      'files/reports/a.md',
      'files/private/b.md',
    ]);
  });

  test('with the MCP SDK reads the challenge, and its refreshing holder steps up', async () => {
    const holder = refreshing(options);
    const fetch = narrowingFetch({
      capability: holder,
      catalogue: await catalogue(),
      server: 'files',
      fetch: stage.fetch,
    });
    const client = new Client(
      { name: 'a', version: '1' },
      { versionNegotiation: { mode: 'auto' } },
    );
    const url = new URL(`${stage.audience}/mcp/files`);
    await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
    const args = { path: 'summaries/churn.md', content: 'stepped up' };
    const attempt = () => client.callTool({ name: 'write_file', arguments: args });
    const denial = (await attempt().catch((error: unknown) => error)) as {
      data: { text: string };
    };
    const needed = neededGrants(denial.data.text) ?? [];
    expect(await holder.stepUp(needed)).toMatchObject({ ok: true });
    expect((await attempt()).isError).not.toBe(true);
    await client.close();
  });

  test('gets no more than the policy allows, and keeps its capability', async () => {
    const current = await obtain(stage, [READ]);
    const denied = await send(stage, current.token, read('private/salaries.csv'));
    const beyond = neededGrants(denied.text) ?? [];
    expect(beyond).toHaveLength(1);
    expect(await stepUp(current, beyond, await options())).toEqual({
      ok: false,
      error: { code: 'not_granted' },
    });
    const again = await obtain(stage, [READ]);
    expect((await send(stage, again.token, read('private/salaries.csv'))).code).toBe('no_grant');
  });

  test('cannot step up in a workflow that has ended, or without a workflow', async () => {
    const current = await obtain(stage, [READ]);
    await admin(stage, `workflows/${current.workflow}/revoke`, { reason: 'test' });
    expect(await stepUp(current, [WRITE], await options())).toMatchObject({
      error: { error: 'invalid_grant' },
    });
    const detail = { type: 'hewn_task', task: TASK, grants: GRANTS, step_up: true };
    expect(
      await exchange(stage, { authorization_details: JSON.stringify([detail]) }),
    ).toMatchObject({ body: { error: 'invalid_authorization_details' } });
  });

  test('continues with the wider grants, but with no more', async () => {
    const current = await obtain(stage, [READ]);
    const continued = (grants: readonly Grant[]) =>
      exchange(stage, {
        authorization_details: JSON.stringify([
          { type: 'hewn_task', task: TASK, grants, workflow: current.workflow },
        ]),
      });
    expect(await continued([READ, WRITE])).toMatchObject({ body: { error: 'invalid_scope' } });
    await stepUp(current, [WRITE], await options());
    expect(await continued([READ, WRITE])).toMatchObject({ status: 200 });
    expect(await continued([{ ...WRITE, dataset: 'files/summaries' }])).toMatchObject({
      body: { error: 'invalid_scope' },
    });
  });
});

describe("MCP's challenge in the header", () => {
  const respond = async (of: Stage) => {
    const { token } = await obtain(of, [READ]);
    return of.fetch(`${of.audience}/mcp/files`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(write()),
    });
  };

  test('is not sent by default, because the SDK would drop the body', async () => {
    expect((await respond(stage)).headers.get('www-authenticate')).toBeNull();
  });

  test('is sent with the body if the deployment asks for it', async () => {
    const other = await openStage({ gatewayVars: { STEP_UP_CHALLENGE: 'header' } });
    try {
      const response = await respond(other);
      const challenge = response.headers.get('www-authenticate') ?? '';
      expect(response.status).toBe(403);
      expect(challenge).toContain('error="insufficient_scope"');
      // A scope cannot express that a sink is pinned to one value.
      expect(challenge).not.toContain('scope="');
      expect(challenge).toContain('resource_metadata="');
      expect(neededGrants(await response.text())).toEqual([PINNED]);
    } finally {
      await other.close();
    }
  });
});
