import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { admin, obtain } from './agent.ts';
import { type AskingServer, startAskingServer } from './asking-server.ts';
import { openStage, type Stage } from './stage.ts';

/** Real clients and servers of the SDK that talk both ways through the gateway. */
let stage: Stage;
let server: AskingServer;

beforeAll(async () => {
  server = await startAskingServer();
  const near = { addresses: ['127.0.0.1'], caller: 'none' };
  const upstreams = {
    files: { url: server.url, ...near, serverRequests: ['elicitation'] },
    silent: { url: server.url, ...near },
  };
  stage = await openStage({ gatewayVars: { UPSTREAMS: JSON.stringify(upstreams) } });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await stage.close();
  await server.close();
});

async function connect(token: string, to = 'files') {
  const capabilities = { elicitation: {}, sampling: {} };
  const client = new Client({ name: 'agent', version: '1' }, { capabilities });
  const asked: string[] = [];
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    asked.push(params.message);
    return { action: 'accept', content: { name: 'Ada' }, _meta: { 'evil.example/x': 1 } };
  });
  client.setRequestHandler(CreateMessageRequestSchema, async () => {
    asked.push('sampling');
    return { role: 'assistant', model: 'm', content: { type: 'text', text: 't' } };
  });
  const transport = new StreamableHTTPClientTransport(new URL(`${stage.audience}/mcp/${to}`), {
    fetch: stage.fetch,
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport as never);
  return { client, transport, asked };
}

const reading = () => ({ name: 'read_text_file', arguments: { path: stage.documents.reports[0] } });
const textOf = (answer: unknown): string =>
  (answer as { content: readonly { text: string }[] }).content[0]?.text ?? '';

const FORM = { type: 'object', properties: { name: { type: 'string' } } } as const;

describe('a request of the server', () => {
  test('that the deployment allows reaches the client, and its answer reaches the server', async () => {
    let answer: unknown;
    server.play(async (asking) => {
      answer = await asking.elicitInput({ message: 'Who?', requestedSchema: FORM });
      return 'asked';
    });
    const { token, workflow } = await obtain(stage);
    const { client, asked } = await connect(token);
    expect(textOf(await client.callTool(reading()))).toBe('asked');
    expect([asked, answer]).toEqual([['Who?'], { action: 'accept', content: { name: 'Ada' } }]);
    const recorded = async () => (await admin(stage, `audit?workflow=${workflow}`)).text();
    await expect.poll(recorded).toContain('"method":"response"');
    await client.close();
  });

  test('that the deployment does not allow fails at once, and the client is not asked', async () => {
    server.play(async (asking) => {
      const params = { messages: [], maxTokens: 1 };
      const failed = await asking.createMessage(params).catch((error: Error) => error.message);
      const forced = await asking
        .request({ method: 'sampling/createMessage', params }, {} as never)
        .catch((error: Error) => error.message);
      return `${failed}; ${forced}`;
    });
    const { token } = await obtain(stage);
    const { client, asked } = await connect(token);
    const begun = Date.now();
    expect(textOf(await client.callTool(reading()))).toMatch(/-32601.*-32601/);
    expect(Date.now() - begun).toBeLessThan(10_000);
    expect(asked).toEqual([]);
    await client.close();
  });

  test('is answered only in its own session and workflow, and only if it was sent', async () => {
    const { token } = await obtain(stage);
    const other = await obtain(stage);
    const { client, transport } = await connect(token);
    const seen: string[] = [];
    const send = (holder: string, id: unknown, session?: string) =>
      stage.fetch(`${stage.audience}/mcp/files`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${holder}`,
          'content-type': 'application/json',
          'mcp-protocol-version': '2025-11-25',
          ...(session !== undefined && { 'mcp-session-id': session }),
        },
        body: JSON.stringify({ jsonrpc: '2.0', id, result: { action: 'accept' } }),
      });
    const theirs = await connect(other.token);
    server.play(async (asking) => {
      await asking.elicitInput({ message: 'Who?', requestedSchema: FORM });
      return 'asked';
    });
    client.setRequestHandler(ElicitRequestSchema, async (_, { requestId }) => {
      seen.push(String(requestId));
      for (const [holder, session] of [
        [other.token, theirs.transport.sessionId],
        [other.token, transport.sessionId],
        [token, theirs.transport.sessionId],
        [token, undefined],
      ] as const) {
        expect((await send(holder, requestId, session)).status).toBeGreaterThanOrEqual(400);
      }
      return { action: 'decline' };
    });
    expect(textOf(await client.callTool(reading()))).toBe('asked');
    expect(seen).toHaveLength(1);
    for (const id of [0, 1, '0', 'x', seen[0]?.slice(1)]) {
      const answer = await send(token, id, transport.sessionId);
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { error: { data: { code: 'request_unknown' } } },
      ]);
    }
    await client.close();
    await theirs.client.close();
  });
});

describe('a session', () => {
  test('has a stream of its own: changed lists and logs reach the client', async () => {
    server.play(async () => 'unused');
    const { token } = await obtain(stage);
    const { client } = await connect(token);
    let changed = 0;
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
      changed += 1;
    });
    await expect.poll(() => server.arrived.includes('GET')).toBe(true);
    await server.notify();
    await expect.poll(() => changed).toBe(1);
    await client.close();
  });

  test('ends at the server if the client ends it, and is unknown then', async () => {
    const { token } = await obtain(stage);
    const before = new Set(server.sessions());
    const { client, transport } = await connect(token);
    const [opened] = server.sessions().filter((id) => !before.has(id));
    const session = transport.sessionId ?? '';
    await transport.terminateSession();
    expect(server.sessions()).not.toContain(opened);
    const answer = await stage.fetch(`${stage.audience}/mcp/files`, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'text/event-stream',
        'mcp-session-id': session,
      },
    });
    expect(answer.status).toBe(404);
    await client.close();
  });

  test('continues a call whose connection the server closed on purpose', async () => {
    server.play(async (asking, { closeSSEStream }) => {
      await asking.sendLoggingMessage({ level: 'info', data: 'before' });
      closeSSEStream?.();
      await new Promise((later) => setTimeout(later, 500));
      await asking.sendLoggingMessage({ level: 'info', data: 'after' });
      return 'polled';
    });
    const { token } = await obtain(stage);
    const { client } = await connect(token);
    const logs: unknown[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
      logs.push(params.data);
    });
    expect(textOf(await client.callTool(reading()))).toBe('polled');
    expect(server.arrived.filter((each) => each === 'GET').length).toBeGreaterThanOrEqual(1);
    await client.close();
  });

  test('is not continued from a position of another workflow', async () => {
    const [ours, theirs] = [await obtain(stage), await obtain(stage)];
    const { client, transport } = await connect(ours.token);
    for (const [token, position] of [
      [theirs.token, 'x'],
      [ours.token, '_GET_stream_0'],
      [ours.token, transport.sessionId ?? ''],
    ] as const) {
      const answer = await stage.fetch(`${stage.audience}/mcp/files`, {
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'text/event-stream',
          'last-event-id': position,
          ...(token === ours.token && { 'mcp-session-id': transport.sessionId ?? '' }),
        },
      });
      expect([answer.status, await answer.json()]).toMatchObject([
        400,
        { error: { data: { code: 'event_unknown' } } },
      ]);
    }
    await client.close();
  });
});

test.each(['GET', 'DELETE'])('%s is not allowed in a revision without sessions', async (method) => {
  const headers = { 'mcp-protocol-version': '2026-07-28' };
  const answer = await stage.fetch(`${stage.audience}/mcp/files`, { method, headers });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
});
