import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DecisionRecord } from '../../src/audit/index.ts';
import { admin, call, obtain, read, send } from './agent.ts';
import { answering, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { openStage, type Stage } from './stage.ts';
import { recordsOf } from './trail.ts';

/** A server whose route only observes, with a tool that enforces, next to one that enforces. */
const GATEWAYS_OWN = 'the-credential-of-the-gateway';
let stage: Stage;
let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
  const { port } = new URL(server.url);
  const at = { addresses: ['127.0.0.1'], caller: 'none' };
  const credential = { kind: 'bearer', secret: 'FILES_KEY' };
  const observed = { url: server.url, mode: 'observe', credential, ...at };
  const enforced = { url: `http://127.0.0.1:${port}/mail`, ...at };
  stage = await openStage({
    gatewayVars: {
      UPSTREAMS: JSON.stringify({ files: observed, mail: enforced }),
      FILES_KEY: GATEWAYS_OWN,
    },
  });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await stage.close();
  await server.close();
});

const play = () => server.play(answering());
const lastHeaders = () => server.arrived.at(-1)?.headers ?? {};

/** Returns the newest record of a call that was observed. */
async function newest(): Promise<DecisionRecord> {
  const find = () => recordsOf(stage, '?mode=observe');
  const before = seen;
  await expect.poll(async () => (await find()).length).toBeGreaterThan(before);
  const records = await find();
  seen = records.length;
  return records.at(-1) as DecisionRecord;
}
let seen = 0;

describe('a call without a token, at a route that observes', () => {
  test('is made with the own credential of its caller, and recorded as denied', async () => {
    play();
    const own = { authorization: 'Basic dXNlcjpwYXNz', 'x-api-key': 'k-123', cookie: 'a=b' };
    const answer = await send(stage, '', read('reports/q3.md'), own);
    expect(answer.status).toBe(200);
    expect(lastHeaders()).toMatchObject({ authorization: own.authorization, 'x-api-key': 'k-123' });
    expect(lastHeaders()).not.toHaveProperty('cookie');
    expect(Object.keys(lastHeaders()).filter((name) => name.includes('hewn'))).toEqual([]);
    const record = await newest();
    expect(record).toMatchObject({
      allowed: false,
      observed: true,
      mode: 'observe',
      code: 'token_missing',
      tool: 'mcp/files/read_text_file',
      datasets: ['files/reports/q3.md'],
      sample: { arguments: { path: 'reports/q3.md' } },
      outcome: { result: 'ok' },
    });
    expect(record.sample?.source?.credential).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.stringify(record)).not.toMatch(/dXNlcjpwYXNz|k-123/);
  });

  test('has another source with another credential, and the same with the same', async () => {
    play();
    const sourceOf = async (key: string) => {
      await send(stage, '', read('reports/q3.md'), { 'x-api-key': key });
      return (await newest()).sample?.source?.credential;
    };
    const [one, other, again] = [
      await sourceOf('one'),
      await sourceOf('two'),
      await sourceOf('one'),
    ];
    expect([one === other, one === again]).toEqual([false, true]);
  });

  test('opens a session, which belongs to its caller', async () => {
    play();
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'c', version: '1' },
      },
    };
    expect(await send(stage, '', initialize)).toMatchObject({ status: 200 });
    expect(await newest()).toMatchObject({ observed: true, method: 'initialize' });
  });

  test('lists everything that the server lists, except tools that enforce', async () => {
    const listed = ['read_text_file', 'not_in_the_catalogue'].map((name) => ({
      name,
      inputSchema: { type: 'object' },
    }));
    server.play(answering(0, { tools: listed }));
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const { body } = await send(stage, '', list);
    expect(body).toMatchObject({ result: { tools: listed } });
    await newest();
  });

  test.each([
    ['a batch', [read('a')], 'batch_refused'],
    ['a call without a name', { ...read('a'), params: {} }, 'message_malformed'],
    ['what is not JSON', '{', 'message_malformed'],
    ['an unlisted method', { jsonrpc: '2.0', id: 1, method: 'admin/reset' }, 'method_denied'],
  ])('is not made if it is %s', async (_, message, code) => {
    play();
    expect((await send(stage, '', message)).code).toBe(code);
    expect(server.arrived).toEqual([]);
  });

  test.each([
    ['an unknown tool', call('drop_tables', { all: true }), 'tool_unknown'],
    ['an unlisted argument', call('read_text_file', { path: 'a', x: 1 }), 'argument_unlisted'],
    ['a path that is no dataset', read('../etc/passwd'), 'dataset_unmappable'],
  ])('is made if it names %s, and recorded with the reason', async (_, message, code) => {
    play();
    const { token } = await obtain(stage);
    expect((await send(stage, token, message)).status).toBe(200);
    expect(server.arrived.at(-1)?.message.params).toMatchObject(message.params);
    const record = await newest();
    expect(record).toMatchObject({ observed: true, code, workflow: expect.stringMatching(/^wf_/) });
    expect(record.sample?.arguments).toEqual(message.params.arguments);
  });
});

describe('an agent with a valid token, at a route that observes', () => {
  test('calls what it was granted, and the record says that it was allowed', async () => {
    play();
    const { token } = await obtain(stage);
    expect((await send(stage, token, read('reports/q3.md'))).status).toBe(200);
    expect(lastHeaders()).toHaveProperty('authorization', `Bearer ${GATEWAYS_OWN}`);
    expect(await newest()).toMatchObject({ allowed: true, mode: 'observe' });
  });

  test('calls what no one granted without its token and without a name', async () => {
    play();
    const { token } = await obtain(stage);
    const message = read('private/salaries.csv');
    expect((await send(stage, token, message, { 'x-api-key': 'mine' })).status).toBe(200);
    expect(lastHeaders()).not.toHaveProperty('authorization');
    expect(lastHeaders()).toHaveProperty('x-api-key', 'mine');
    expect(JSON.stringify(lastHeaders())).not.toContain(token.slice(0, 20));
    expect(await newest()).toMatchObject({
      observed: true,
      code: 'no_grant',
      datasets: ['files/private/salaries.csv'],
    });
  });

  test('is denied once its workflow is revoked, and so is a denied tool without a token', async () => {
    play();
    const { token, workflow } = await obtain(stage);
    await admin(stage, `workflows/${workflow}/revoke`, { reason: 'test' });
    const status = async () => (await send(stage, token, read('private/x.csv'))).status;
    await expect.poll(status).toBe(401);
    const tool = { scope: 'tool', value: 'mcp/files/list_directory', reason: 'test' };
    expect((await admin(stage, 'denials', tool)).status).toBe(200);
    const list = async () => (await send(stage, '', call('list_directory', { path: 'a' }))).code;
    await expect.poll(list).toBe('tool_denied');
  });
});

afterEach(() => {
  const stolen = server.arrived.filter(({ headers, message }) => {
    const { path = '' } = (message.params?.arguments ?? {}) as { path?: string };
    return !path.startsWith('reports/') && JSON.stringify(headers).includes(GATEWAYS_OWN);
  });
  expect(stolen, 'calls with the credential of the gateway that no one granted').toEqual([]);
});

test('a server that enforces denies a call without a token', async () => {
  play();
  const message = call('send_message', { to: ['a@acme.example'], subject: 's', body: 'b' });
  expect(await send(stage, '', message, {}, 'mail')).toMatchObject({ status: 401 });
  expect(server.arrived).toEqual([]);
});

test('one line of the catalogue makes a tool enforce, for agents that are running', async () => {
  play();
  const { token } = await obtain(stage);
  const outside = () => send(stage, token, read('private/salaries.csv'));
  expect((await outside()).status).toBe(200);
  const tools = await readFile('policy/tools.toml', 'utf8');
  const name = 'name = "mcp/files/read_text_file"\n';
  const version = {
    policy: { 'policy/reports.datalog': await readFile('policy/reports.datalog', 'utf8') },
    catalogue: tools.replace(name, `${name}mode = "enforce"\n`),
  };
  const put = await admin(stage, 'versions', { ...version, reason: 'test' });
  const { id } = (await put.json()) as { id: string };
  await admin(stage, `versions/${id}/activate`, { expects: null, reason: 'test' });
  await expect.poll(async () => (await outside()).code).toBe('no_grant');
  expect((await send(stage, token, read('reports/q3.md'))).status).toBe(200);
  const other = call('directory_tree', { path: 'private' });
  expect((await send(stage, token, other)).status).toBe(200);
  expect((await send(stage, '', read('reports/q3.md'))).status).toBe(401);
  const listed = ['read_text_file', 'directory_tree'].map((name) => ({
    name,
    inputSchema: { type: 'object' },
  }));
  server.play(answering(0, { tools: listed }));
  const { body } = await send(stage, '', { jsonrpc: '2.0', id: 1, method: 'tools/list' });
  expect(body).toMatchObject({ result: { tools: [{ name: 'directory_tree' }] } });
});
