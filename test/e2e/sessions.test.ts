import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { call, obtain, read } from './agent.ts';
import {
  answering,
  answerOf,
  type ScriptedServer,
  startScriptedServer,
} from './scripted-server.ts';
import { type SessionServer, startSessionServer } from './session-server.ts';
import { openStage, type Stage } from './stage.ts';

/**
 * Real clients of both SDKs, through the gateway, to a server that keeps sessions and loses them.
 */
let stage: Stage;
let server: SessionServer;
let scripted: ScriptedServer;

beforeAll(async () => {
  server = await startSessionServer();
  scripted = await startScriptedServer();
  const upstreams = { files: server.url, mail: scripted.url };
  stage = await openStage({ gatewayVars: { MCP_UPSTREAMS: JSON.stringify(upstreams) } });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await stage.close();
  await server.close();
  await scripted.close();
});

const reading = () => ({ name: 'read_text_file', arguments: { path: stage.documents.reports[0] } });

interface Connected {
  readonly read: () => Promise<string>;
  readonly session: () => string | undefined;
}

const CLIENTS: readonly (readonly [string, (token: string) => Promise<Connected>])[] = [
  ...(['auto', 'legacy'] as const).map(
    (mode) => [`2.x, ${mode}`, (token: string) => connect(token, mode)] as const,
  ),
  ['1.x', connectOld],
];

const url = () => new URL(`${stage.audience}/mcp/files`);
const withToken = (token: string) => ({
  fetch: stage.fetch,
  requestInit: { headers: { authorization: `Bearer ${token}` } },
});
const textOf = (answer: unknown): string =>
  (answer as { content: readonly { text: string }[] }).content[0]?.text ?? '';

async function connect(token: string, mode: 'auto' | 'legacy'): Promise<Connected> {
  const client = new Client({ name: 'agent', version: '1' }, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(url(), withToken(token));
  await client.connect(transport);
  return {
    read: async () => textOf(await client.callTool(reading())),
    session: () => transport.sessionId,
  };
}

async function connectOld(token: string): Promise<Connected> {
  const client = new OldClient({ name: 'agent', version: '1' });
  const transport = new OldTransport(url(), withToken(token));
  await client.connect(transport as never);
  return {
    read: async () => textOf(await client.callTool(reading())),
    session: () => transport.sessionId,
  };
}

describe.each(CLIENTS)('a client of the SDK, %s', (_, connected) => {
  test('connects to a server that answers unknown methods with 400', async () => {
    const { token } = await obtain(stage);
    const { read: readFile } = await connected(token);
    expect(await readFile()).toBe(`contents of ${stage.documents.reports[0]}`);
  });

  test('learns that its session was lost, and connects again', async () => {
    const { token } = await obtain(stage);
    const first = await connected(token);
    await first.read();
    server.forget();
    await expect(first.read()).rejects.toThrow(/session_lost/);
    expect(await (await connected(token)).read()).toContain('contents of');
  });

  test('never sees the id by which the server knows its session', async () => {
    const { token } = await obtain(stage);
    const before = new Set(server.sessions());
    const { session } = await connected(token);
    const [opened] = server.sessions().filter((id) => !before.has(id));
    expect(session()).toMatch(/^[A-Za-z0-9_-]{40,}$/);
    const bytes = Buffer.from(session() ?? '', 'base64url').toString('latin1');
    expect([session(), bytes].join()).not.toContain(opened);
  });
});

const post = (token: string, message: object, headers: Record<string, string> = {}, to = 'files') =>
  stage.fetch(`${stage.audience}/mcp/${to}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(message),
  });

describe('a session of one workflow', () => {
  test('is not valid for another workflow, nor under the id that the server knows', async () => {
    const [ours, theirs] = [await obtain(stage), await obtain(stage)];
    const { session } = await connectOld(ours.token);
    const message = read(stage.documents.reports[0] ?? '');
    for (const id of [session() ?? '', ...server.sessions(), 'x']) {
      const answer = await post(theirs.token, message, { 'mcp-session-id': id });
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ error: { data: { code: 'session_unknown' } } });
    }
    expect((await post(ours.token, message, { 'mcp-session-id': session() ?? '' })).status).toBe(
      200,
    );
  });

  test('of a revision without sessions is neither sent nor returned', async () => {
    scripted.play((arrived, response) => {
      response.setHeader('mcp-session-id', 'session-1');
      answering()(arrived, response, response.socket as never);
    });
    const { token } = await obtain(stage);
    const message = { jsonrpc: '2.0', id: 1, method: 'server/discover' };
    const headers = {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'server/discover',
      'mcp-session-id': 'session-1',
    };
    const answer = await post(token, message, headers, 'mail');
    expect([answer.status, answer.headers.get('mcp-session-id')]).toEqual([200, null]);
    expect(scripted.arrived[0]?.headers).not.toHaveProperty('mcp-session-id');
  });
});

describe('the id of a request', () => {
  test.each([1, 0, -7, 2 ** 53 - 1, '1', '', 'ä "quoted"', '__proto__'])(
    'never reaches the server, and comes back unchanged: %j',
    async (id) => {
      scripted.play(answering());
      const { token } = await obtain(stage);
      const answer = await post(token, { jsonrpc: '2.0', id, method: 'ping' }, {}, 'mail');
      expect(((await answer.json()) as { id: unknown }).id).toBe(id);
      expect(scripted.arrived[0]?.message.id).toMatch(/^hewn-[0-9a-f-]{36}$/);
    },
  );

  test('brings no answer of another workflow, from a server that knows its clients by it', async () => {
    // If their ids are equal, the first caller would get the answer to the last one's request.
    const waiting = new Map<unknown, (text: string) => void>();
    scripted.play((arrived, response) => {
      const { id, params } = arrived.message;
      const cursor = String(params?.cursor);
      waiting.set(id, (text) => {
        response.setHeader('content-type', 'application/json');
        response.end(answerOf(arrived, { tools: [], nextCursor: text }));
      });
      setTimeout(() => waiting.get(id)?.(cursor), cursor === 'first' ? 300 : 100);
    });
    const [ours, theirs] = [await obtain(stage), await obtain(stage)];
    const list = (cursor: string) => ({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/list',
      params: { cursor },
    });
    const answers = await Promise.all([
      post(ours.token, list('first'), {}, 'mail'),
      post(theirs.token, list('second'), {}, 'mail'),
    ]);
    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    expect(bodies).toMatchObject([
      { id: 1, result: { nextCursor: 'first' } },
      { id: 1, result: { nextCursor: 'second' } },
    ]);
  });

  test('is cancelled only by its own workflow, with the id that the server knows', async () => {
    scripted.play(answering(1_500));
    const [ours, theirs] = [await obtain(stage), await obtain(stage)];
    const cancel = (requestId: unknown) => ({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId, reason: 'x' },
    });
    const waiting = post(ours.token, { jsonrpc: '2.0', id: 1, method: 'ping' }, {}, 'mail');
    while (scripted.arrived.length === 0) await new Promise((later) => setTimeout(later, 20));
    for (const [token, id] of [
      [theirs.token, 1],
      [ours.token, '1'],
      [ours.token, 2],
    ] as const) {
      expect((await post(token, cancel(id), {}, 'mail')).status).toBe(202);
    }
    expect(scripted.arrived).toHaveLength(1);
    await post(ours.token, cancel(1), {}, 'mail');
    const [request, cancelled] = scripted.arrived;
    expect(cancelled?.message.params).toEqual({ requestId: request?.message.id });
    await waiting;
  });
});

test('a call brings the server its name, its arguments and the listed `_meta`, and no more', async () => {
  scripted.play(answering());
  const grants = [{ tool: 'mcp/mail/send_message', action: 'write', dataset: 'mail' } as const];
  const { token } = await obtain(stage, grants);
  const args = { to: ['ada@acme.example'], subject: 's', body: 'b' };
  const message = call('send_message', args);
  const meta = { progressToken: 5, 'evil.example/data': 'salaries', baggage: 'salaries' };
  const answer = await post(
    token,
    { ...message, params: { ...message.params, _meta: meta } },
    {},
    'mail',
  );
  expect(answer.status, await answer.clone().text()).toBe(200);
  expect(scripted.arrived[0]?.message.params).toEqual({
    name: 'send_message',
    arguments: args,
    _meta: { progressToken: scripted.arrived[0]?.message.id },
  });
});
