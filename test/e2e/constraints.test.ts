import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { narrowingFetch, obtainCapability, stepUp } from '../../src/agent/index.ts';
import type { ConstraintsByPointer, Grant } from '../../src/capability/index.ts';
import { admin, call, catalogue, exchange, obtain, send, TASK } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const SEND: Grant = { tool: 'mcp/mail/send_message', action: 'write', dataset: 'mail' };
const DRAFT: Grant = { tool: 'mcp/mail/save_draft', action: 'write', dataset: 'mail' };
const READ: Grant = {
  tool: 'mcp/files/read_text_file',
  action: 'read',
  dataset: 'files/reports',
};
const bounded = (grant: Grant, constraints: ConstraintsByPointer): Grant => ({
  ...grant,
  constraints: { arguments: ['to', 'subject', 'body'], constraints },
});
const COMPANY = { every: { matches: '[a-z0-9.]+@acme\\.example' } };
const TO_CAROL = { '/to': { subsetOf: ['carol@partner.example'] } };

const details = (grants: readonly unknown[], more: object = {}) => ({
  authorization_details: JSON.stringify([{ type: 'hewn_task', task: TASK, grants, ...more }]),
});
const mail = (token: string, args: unknown, tool = 'send_message') =>
  send(stage, token, call(tool, args), {}, 'mail');
const records = async (path: string) => {
  const trail = (await (await admin(stage, path)).json()) as {
    records: { record: Record<string, unknown> }[];
  };
  return trail.records.map(({ record }) => record);
};

describe('a grant with constraints', () => {
  test('is minted with what the policy requires, and the gateway enforces it', async () => {
    const { token, grants } = await obtain(stage, [SEND]);
    expect(grants).toEqual([bounded(SEND, { '/to': COMPANY })]);
    const before = stage.bridge.messages().length;
    const good = { to: ['bob@acme.example'], subject: 'churn', body: 'It fell.' };
    expect(await mail(token, good)).toMatchObject({ status: 200, code: undefined });
    for (const args of [
      { ...good, to: ['thief@evil.example'] },
      { ...good, to: ['bob@acme.example', 'thief@evil.example'] },
      { ...good, to: ['thief@evil.example,bob@acme.example'] },
      { ...good, to: 'bob@acme.example' },
      { ...good, to: [['thief@evil.example']] },
      { ...good, to: null },
      { subject: 'without recipients' },
    ]) {
      expect(await mail(token, args)).toMatchObject({ status: 403, code: 'constraint_failed' });
    }
    // An argument that the catalogue does not list is denied before any constraint is checked.
    const unlisted = { ...good, bcc: ['thief@evil.example'] };
    expect((await mail(token, unlisted)).code).toBe('argument_unlisted');
    expect(stage.bridge.messages().slice(before)).toEqual([{ tool: 'send_message', ...good }]);
  });

  test('is minted with the requested constraints as well', async () => {
    const { token } = await obtain(stage, [
      bounded(SEND, { '/to': { subsetOf: ['bob@acme.example'] } }),
    ]);
    expect((await mail(token, { to: ['bob@acme.example'] })).status).toBe(200);
    expect(await mail(token, { to: ['carol@acme.example'] })).toMatchObject({
      code: 'constraint_failed',
    });
  });

  test('does not affect other tools of its token', async () => {
    const { token } = await obtain(stage, [SEND, READ]);
    const read = call('read_text_file', { path: stage.documents.reports[0] });
    expect((await send(stage, token, read)).status).toBe(200);
  });

  test('allows an agent that narrows each call to send what the constraints allow', async () => {
    const capability = await obtain(stage, [SEND]);
    const fetch = narrowingFetch({
      capability,
      catalogue: await catalogue(),
      server: 'mail',
      fetch: stage.fetch,
    });
    const client = new Client({ name: 'a', version: '1' });
    const url = new URL(`${stage.audience}/mcp/mail`);
    await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
    const args = { to: ['bob@acme.example'], body: 'narrowed' };
    expect((await client.callTool({ name: 'send_message', arguments: args })).isError).toBeFalsy();
    expect(stage.bridge.messages().at(-1)).toEqual({ tool: 'send_message', ...args });
    await client.close();
  });

  test('appears in the details of introspection, and not in its scope', async () => {
    const { token, workflow, grants } = await obtain(stage, [SEND, READ]);
    const response = await stage.fetch(`${stage.issuer}/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.verifier}` },
      body: new URLSearchParams({ token }),
    });
    expect(await response.json()).toMatchObject({
      active: true,
      scope: 'mcp/files/read_text_file:read:files/reports',
      authorization_details: [{ type: 'hewn_task', workflow, task: TASK, grants }],
    });
  });

  test('is returned in full if it was requested as a scope', async () => {
    const scope = 'mcp/mail/send_message:write:mail';
    const asked = { authorization_details: undefined, scope, hewn_task: TASK };
    expect((await exchange(stage, asked)).body).toMatchObject({
      authorization_details: [{ grants: [bounded(SEND, { '/to': COMPANY })] }],
    });
  });

  test.each<[string, unknown]>([
    ['an unknown kind', { arguments: ['to'], constraints: { '/to': { prefx: 'a' } } }],
    ['an argument that is not listed', { arguments: ['to'], constraints: { '/cc': { exact: 1 } } }],
    ['nothing', null],
    ['a text', 'to: bob'],
  ])('is refused if its constraints are malformed: %s', async (_, constraints) => {
    expect(await exchange(stage, details([{ ...SEND, constraints }]))).toMatchObject({
      status: 400,
      body: { error: 'invalid_authorization_details' },
    });
  });
});

describe('a workflow with constraints', () => {
  test('is renewed only with them', async () => {
    const { workflow, grants, token } = await obtain(stage, [SEND]);
    const renewed = await exchange(stage, details(grants, { workflow }));
    expect(renewed.body).toMatchObject({ authorization_details: [{ workflow, grants }] });
    expect(renewed.body.access_token).not.toBe(token);
    const laxer = bounded(SEND, { '/to': { every: { suffix: 'acme.example' } } });
    for (const wider of [SEND, laxer]) {
      expect(await exchange(stage, details([wider], { workflow }))).toMatchObject({
        status: 400,
        body: { error: 'invalid_scope' },
      });
    }
  });

  test('starts with its tier and budgets, which are in its record', async () => {
    const { workflow } = await obtain(stage, [SEND, READ]);
    const budgets = { calls: 1000, tools: [{ tool: SEND.tool, calls: 10 }] };
    const [mint] = await records(`audit?workflow=${workflow}`);
    expect(mint).toMatchObject({ event: 'mint', tier: 3, budgets });
    const view = await (await admin(stage, `workflows/${workflow}`)).json();
    expect(view).toMatchObject({ tier: 3, budgets });
  });
});

describe('a grant that leaves a sink open', () => {
  test('is refused, with the reason in the record', async () => {
    const refused = await exchange(stage, details([DRAFT]));
    expect(refused).toMatchObject({ status: 400, body: { error: 'access_denied' } });
    const { workflow } = await obtain(stage, [DRAFT, READ]);
    const [mint] = await records(`audit?workflow=${workflow}`);
    expect(mint).toMatchObject({ refused: [{ ...DRAFT, code: 'sink_open' }] });
  });

  test('is issued if the sink is pinned', async () => {
    const { token } = await obtain(stage, [bounded(DRAFT, TO_CAROL)]);
    expect((await mail(token, { to: ['carol@partner.example'] }, 'save_draft')).status).toBe(200);
    const other = await mail(token, { to: ['thief@evil.example'] }, 'save_draft');
    expect(other).toMatchObject({ status: 403, code: 'constraint_failed' });
  });

  test('is issued after a step-up if the policy allows it, with the reason in the record', async () => {
    const { issuer, audience, identity, fetch } = stage;
    const options = {
      issuer,
      audience,
      task: TASK,
      grants: [READ],
      fetch,
      subjectToken: await identity.jwt('alice'),
      actorToken: await identity.jwt('report-agent'),
    };
    const capability = await obtain(stage, [READ]);
    const widened = await stepUp(capability, [DRAFT], options);
    if (!widened.ok) throw new Error(JSON.stringify(widened.error));
    const { token, workflow, grants } = widened.value;
    expect(grants).toEqual([READ, DRAFT]);
    expect((await mail(token, { to: ['anyone@else.example'] }, 'save_draft')).status).toBe(200);
    const [, mint] = (await records(`audit?workflow=${workflow}`)).filter(
      ({ event }) => event === 'mint',
    );
    expect(mint?.openSinks).toEqual([
      { tool: DRAFT.tool, pointer: '/to/*', reason: 'a person reads a draft and sends it' },
    ]);
    // The workflow can be renewed with the wider grant.
    const renewed = await obtainCapability({ ...options, workflow, grants });
    expect(renewed).toMatchObject({ ok: true, value: { grants: [READ, DRAFT] } });
  });
});
