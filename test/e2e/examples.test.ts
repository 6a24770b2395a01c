import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestHarness, type TestHarness } from 'wrangler';
import { readReport } from '../../examples/agent.ts';
import { summarize } from '../../examples/long-running-agent.ts';
import { operate } from '../../examples/operator.ts';
import { identityFrom } from '../../src/agent/index.ts';
import { mint } from '../../src/biscuit-wasm/index.ts';
import { type Narrowing, narrow, writeAuthority } from '../../src/capability/index.ts';
import { fromBase64Url, toHex } from '../../src/encoding.ts';
import { call, obtain, send } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/** Runs the README's examples on the real Workers, as a reader would. */

describe('an agent and its operator', () => {
  let stage: Stage;
  beforeAll(async () => {
    // As deployed: the examples read denials as results.
    stage = await openStage({ gatewayVars: { DENIAL_FORM: 'result' } });
  });
  afterAll(() => stage.close());

  test('the agent reads a report through the gateway', async () => {
    const { issuer, audience: gateway, identity, fetch } = stage;
    const parties = {
      identity: identityFrom(() => identity.jwt('report-agent')),
      user: identityFrom(() => identity.jwt('alice')),
    };
    const [report = ''] = stage.documents.reports;
    const text = await readReport({ issuer, gateway, fetch, ...parties }, report);
    expect(text).toBe(await readFile(join(stage.documents.root, report), 'utf8'));
    await expect(
      readReport({ issuer, gateway, fetch, ...parties }, 'private/salaries.csv'),
    ).rejects.toThrow('no_grant');
  });

  test('a long-running agent renews, steps up once, and ends its workflow', async () => {
    const { issuer, audience: gateway, identity, fetch } = stage;
    const options = {
      issuer,
      gateway,
      fetch,
      user: identityFrom(() => identity.jwt('alice')),
      identity: identityFrom(() => identity.jwt('report-agent')),
    };
    await summarize(options, stage.documents.reports.slice(0, 2));
    const summary = join(stage.documents.root, 'summaries/churn.md');
    expect(await readFile(summary, 'utf8')).toBe('# Churn\n');
  });

  test('the operator sees a workflow, revokes it, and reads its trail', async () => {
    const { issuer, operator: credential, fetch } = stage;
    const run = (...args: readonly string[]) => operate({ issuer, credential, fetch }, args);
    const { token, workflow } = await obtain(stage);
    expect(JSON.parse(await run('show', workflow))).toMatchObject({
      id: workflow,
      state: 'active',
    });
    expect(JSON.parse(await run('revoke', workflow, 'drill'))).toMatchObject({ workflow });
    expect(JSON.parse(await run('show', workflow))).toMatchObject({ state: 'revoked' });
    const write = call('write_file', { path: 'summaries/churn.md', content: '' });
    expect(await send(stage, token, write)).toMatchObject({ code: 'revoked' });
    const denied = /mcp\/files\/write_file denied: revoked$/m;
    await expect.poll(() => run('audit', workflow)).toMatch(denied);
    expect(await run('audit', workflow)).toMatch(/ mint$[\s\S]* revocation by operator: drill$/m);
  });

  test('the operator learns the usage, and what the issuer answered', async () => {
    const { issuer, fetch } = stage;
    const stranger = { issuer, fetch, credential: 'unknown' };
    await expect(operate(stranger, ['revoke', 'wf_1'])).rejects.toThrow('operator.ts show|audit');
    await expect(operate(stranger, ['show', 'wf_1'])).rejects.toThrow('401');
  });
});

describe('an API owner', () => {
  const WORKFLOW = `wf_${'c'.repeat(22)}`;
  const ISSUER = 'http://issuer.test';
  const API = 'http://contacts.test';
  const PDP = 'https://pdp.test';
  const CREDENTIAL = 'the credential of an API gateway';
  const OPERATOR = 'operator-credential-of-the-example';
  // For this test only: seeds of 32 equal bytes.
  const MINT_KEY = `ed25519-private/${'04'.repeat(32)}`;
  const FEED_KEY = `ed25519-private/${'05'.repeat(32)}`;
  let issuer: TestHarness;
  let api: TestHarness;
  let onHono: TestHarness;
  let overMcp: TestHarness;
  let decisionPoint: TestHarness;

  beforeAll(async () => {
    issuer = createTestHarness({
      workers: [
        {
          configPath: './wrangler.toml',
          vars: {
            ISSUER,
            AUDIENCES: JSON.stringify([API]),
            IDENTITY_ISSUERS: JSON.stringify([
              {
                name: 'idp',
                issuer: 'https://idp.example',
                audience: ISSUER,
                jwksUri: 'https://idp.example/jwks',
                algorithms: ['ES256'],
              },
            ]),
          },
          secrets: {
            MINT_KEYS: JSON.stringify([{ id: 1, key: MINT_KEY, state: 'active' }]),
            FEED_KEY,
            OPERATOR_SHA256: createHash('sha256').update(OPERATOR).digest('hex'),
          },
        },
      ],
    });
    await issuer.listen();
    // The harness sends a Worker's fetches through Node, where the issuer has its public name.
    vi.stubGlobal('fetch', (url: string) => issuer.getWorker('issuer').fetch(url));
    const { keys } = (await (
      await issuer.getWorker('issuer').fetch(`${ISSUER}/.well-known/jwks.json`)
    ).json()) as { keys: { hewn_use: string; x: string }[] };
    const publicKey = (use: string) =>
      toHex(
        fromBase64Url(keys.find(({ hewn_use }) => hewn_use === use)?.x ?? '') ?? new Uint8Array(),
      );
    const vars = { ISSUER, AUDIENCE: API, FEED_PUBLIC_KEY: publicKey('feed') };
    api = createTestHarness({ workers: [{ configPath: './examples/wrangler.toml', vars }] });
    onHono = createTestHarness({
      workers: [{ configPath: './examples/hono/wrangler.toml', vars }],
    });
    overMcp = createTestHarness({
      workers: [{ configPath: './examples/mcp/wrangler.toml', vars }],
    });
    const sha256 = createHash('sha256').update(CREDENTIAL).digest('hex');
    decisionPoint = createTestHarness({
      workers: [
        {
          configPath: './examples/authzen/wrangler.toml',
          vars: { ...vars, PDP_URL: PDP, GATEWAY_SHA256: sha256 },
        },
      ],
    });
    await Promise.all([
      ...[api.listen(), onHono.listen(), overMcp.listen()],
      decisionPoint.listen(),
    ]);
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    await api.close();
    await onHono.close();
    await overMcp.close();
    await decisionPoint.close();
    await issuer.close();
  });

  /** Signed as the issuer signs, because the deployed policy does not know this API. */
  function capability() {
    const issuedAt = new Date(Math.floor(Date.now() / 1000) * 1000);
    const authority = writeAuthority(
      {
        issuer: ISSUER,
        audience: API,
        workflow: WORKFLOW,
        agent: 'agent',
        gen: 1,
        subject: 'alice',
        owner: 'team:sales',
        task: 'call customers',
        issuedAt,
        ancestors: [],
        grants: [
          { tool: 'crm.search', action: 'read', dataset: 'crm/contacts/eu' },
          { tool: 'mcp/crm/search', action: 'read', dataset: 'crm/contacts/eu' },
        ],
      },
      new Date(issuedAt.getTime() + 300_000),
    );
    if (!authority.ok) throw new Error(authority.error.code);
    return mint(authority.value, MINT_KEY, 1);
  }

  async function get(path: string, token?: string, worker = api.getWorker('contacts')) {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await worker.fetch(API + path, { headers });
    const body = (await response.json().catch(() => undefined)) as { code?: string } | undefined;
    return { status: response.status, code: body?.code, body };
  }

  async function narrowed(narrowing: Narrowing): Promise<string> {
    const cut = await narrow(capability().token, narrowing);
    if (!cut.ok) throw new Error(cut.error.code);
    return cut.value;
  }

  test('answers what a grant covers, and denies the rest', async () => {
    const { token } = capability();
    expect(await get('/contacts/eu', token)).toMatchObject({ status: 200, body: { length: 3 } });
    expect(await get('/contacts/us', token)).toMatchObject({ status: 403, code: 'no_grant' });
    expect(await get('/contacts/eu')).toMatchObject({ status: 401, code: 'token_missing' });
    expect(await get('/contacts/eu?limit=x', token)).toMatchObject({ code: 'arguments_invalid' });
    expect(await get('/elsewhere', token)).toMatchObject({ status: 404 });
  });

  test('has the same on Hono, with the feed that protect follows', async () => {
    const { token } = capability();
    const worker = onHono.getWorker('contacts-on-hono');
    expect(await get('/contacts/eu', token, worker)).toMatchObject({
      status: 200,
      body: ['Ada', 'Blaise'],
    });
    expect(await get('/contacts/us', token, worker)).toMatchObject({ code: 'no_grant' });
    expect(await get('/contacts/eu', undefined, worker)).toMatchObject({ status: 401 });
  });

  test('has the same at a decision point that an API gateway of another maker asks', async () => {
    const { token } = capability();
    const ask = async (region: string, credential = CREDENTIAL) => {
      const response = await decisionPoint
        .getWorker('decision-point')
        .fetch(`${PDP}/access/v1/evaluation`, {
          method: 'POST',
          headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            subject: { type: 'agent', id: 'agent', properties: { capability: token } },
            action: { name: 'view' },
            resource: { type: 'contact', id: 'ada', properties: { region } },
          }),
        });
      return response.status === 200 ? response.json() : response.status;
    };
    expect(await ask('eu')).toEqual({ decision: true });
    expect(await ask('us')).toMatchObject({ decision: false });
    expect(await ask('eu', token)).toBe(401);
  });

  test('has the same as a tool of an MCP server, which tells a model why it was denied', async () => {
    const worker = overMcp.getWorker('contacts-over-mcp');
    const client = new Client({ name: 'agent', version: '1.0.0' });
    const transport = new StreamableHTTPClientTransport(new URL(`${API}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${capability().token}` } },
      fetch: (url, init) => worker.fetch(String(url), init as never) as never,
    });
    await client.connect(transport);
    expect((await client.listTools()).tools).toMatchObject([{ name: 'search' }]);
    const search = (region: string) => client.callTool({ name: 'search', arguments: { region } });
    expect(await search('eu')).toMatchObject({ content: [{ text: 'Ada, Blaise' }] });
    expect(await search('us')).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('No grant covers this call') }],
    });
    await client.close();
    expect(await get('/mcp', undefined, worker)).toMatchObject({ status: 401 });
  });

  test('enforces the constraints that a holder added', async () => {
    const token = await narrowed({
      tool: 'crm.search',
      constraints: { '/limit': { integer: { max: 2 } } },
    });
    expect(await get('/contacts/eu?limit=2', token)).toMatchObject({ body: { length: 2 } });
    expect(await get('/contacts/eu?limit=3', token)).toMatchObject({ code: 'caveat_failed' });
  });

  test('denies a revoked block once its replica of the feed has caught up', async () => {
    const { token, revocationId } = capability();
    expect((await get('/contacts/eu', token)).status).toBe(200);
    const url = `${ISSUER}/admin/v1/workflows/${WORKFLOW}/blocks/${revocationId}/revoke`;
    const headers = { authorization: `Bearer ${OPERATOR}` };
    const body = JSON.stringify({ reason: 'leaked', even_unknown: true });
    const revoked = await issuer.getWorker('issuer').fetch(url, { method: 'POST', headers, body });
    expect(revoked.status).toBe(200);
    await expect
      .poll(async () => (await get('/contacts/eu', token)).code, { interval: 200 })
      .toBe('revoked');
  });
});
