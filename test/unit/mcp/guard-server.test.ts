import { describe, expect, test } from 'vitest';
import { type McpOptions, protectMcp } from '../../../src/mcp/index.ts';
import { API, protectedApi } from '../fixtures/protected-api.ts';

const search = { action: 'read', tier: 1, dataset: 'crm/contacts/eu' } as const;
const OPTIONS: McpOptions = { server: 'crm', tools: { search } };
const GRANTS = [{ tool: 'mcp/crm/search', action: 'read', dataset: 'crm/contacts' }] as const;

/** A transport that the tests speak through. */
class ScriptedTransport {
  readonly sent: Record<string, unknown>[] = [];
  sessionId?: string;
  onmessage?: (message: unknown, extra?: unknown) => void;
  onclose?: () => void;
  #started = false;

  async start(): Promise<void> {
    this.#started = true;
  }
  get isStarted(): boolean {
    return this.#started;
  }
  async send(message: Record<string, unknown>): Promise<void> {
    this.sent.push(message);
  }
  async close(): Promise<void> {
    this.onclose?.();
  }
}

/** A server as the SDK's are: it sets the handlers of its transport, and sends answers there. */
class ScriptedServer {
  readonly received: unknown[] = [];
  transport?: ScriptedTransport;

  async connect(transport: ScriptedTransport): Promise<void> {
    this.transport = transport;
    transport.onmessage = (message) => this.received.push(message);
    transport.onclose = () => undefined;
    await transport.start();
  }
}

async function connected() {
  const { protection, mint, ...api } = await protectedApi();
  const mcp = protectMcp(protection, OPTIONS);
  const server = mcp.server(new ScriptedServer());
  const transport = new ScriptedTransport();
  await server.connect(transport);
  const judge = async (body: object, workflow = 'wf_1', session?: string) => {
    const token = await mint({ grants: GRANTS, workflow });
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(session !== undefined && { 'mcp-session-id': session }),
    };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    return await mcp.judge(new Request(`${API}/mcp`, init));
  };
  const authFor = async (body: object, workflow?: string) => {
    const judged = await judge(body, workflow);
    if (!judged.ok) throw new Error(await judged.error.text());
    return { authInfo: judged.value.authInfo };
  };
  return { ...api, mcp, server, transport, judge, authFor };
}

const call = (args: object = { name: 'Ada' }, id = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'search', arguments: args },
});
const list = (id = 1) => ({ jsonrpc: '2.0', id, method: 'tools/list' });

describe('a protected server', () => {
  test('receives a message that was judged', async () => {
    const { server, transport, authFor } = await connected();
    transport.onmessage?.(call(), await authFor(call()));
    expect(server.received).toEqual([call()]);
    expect(transport.isStarted).toBe(true);
  });

  test('receives nothing that no middleware has judged', async () => {
    const { server, transport } = await connected();
    const forged = { authInfo: { token: '', clientId: 'x', scopes: [], extra: {} } };
    transport.onmessage?.(call());
    transport.onmessage?.(call(), {});
    transport.onmessage?.(call(), forged);
    transport.onmessage?.({ jsonrpc: '2.0', method: 'notifications/initialized' }, forged);
    transport.onmessage?.({ jsonrpc: '2.0', id: 1, result: {} }, forged);
    expect(server.received).toEqual([]);
    expect(transport.sent).toHaveLength(3);
    expect(transport.sent[0]).toMatchObject({
      id: 1,
      error: { data: { code: 'message_unjudged' } },
    });
  });

  test.each([
    ['other arguments', call({ name: 'Blaise' })],
    ['another tool', { ...call(), params: { name: 'erase', arguments: { name: 'Ada' } } }],
    ['another method', { ...call(), method: 'resources/read' }],
    ['another id', call({ name: 'Ada' }, 2)],
  ])('receives no message with %s than was judged', async (_, message) => {
    const { server, transport, authFor } = await connected();
    transport.onmessage?.(message, await authFor(call()));
    expect(server.received).toEqual([]);
  });

  test('lists the tools that the token can use, to this token only', async () => {
    const { server, transport, authFor } = await connected();
    transport.onmessage?.(list(), await authFor(list()));
    const tools = [{ name: 'search' }, { name: 'erase' }, { name: 'toString' }];
    await server.transport?.send({ id: 1, result: { tools, cacheScope: 'public' } });
    expect(transport.sent).toEqual([
      { id: 1, result: { tools: [{ name: 'search' }], cacheScope: 'private' } },
    ]);
  });

  test('leaves other messages of the server as they are', async () => {
    const { server, transport } = await connected();
    const message = { jsonrpc: '2.0', id: 1, method: 'elicitation/create' };
    await server.transport?.send(message);
    expect(transport.sent).toEqual([message]);
  });

  test('takes no second request with the id of a list that is in flight', async () => {
    const { server, transport, authFor } = await connected();
    transport.onmessage?.(list(), await authFor(list()));
    transport.onmessage?.(list(), await authFor(list()));
    expect(server.received).toHaveLength(1);
  });

  test('must be protected before it is connected', async () => {
    const { mcp } = await connected();
    const server = new ScriptedServer();
    await server.connect(new ScriptedTransport());
    expect(() => mcp.server(server)).toThrow('connected already');
  });
});

test('a session belongs to the workflow that opened it, until it is closed', async () => {
  const { transport, judge, authFor } = await connected();
  transport.sessionId = 'session-1';
  transport.onmessage?.(list(), await authFor(list(), 'wf_owner'));
  expect((await judge(call(), 'wf_owner', 'session-1')).ok).toBe(true);
  const other = await judge(call(), 'wf_other', 'session-1');
  expect(!other.ok && other.error.status).toBe(404);
  await transport.close();
  expect((await judge(call(), 'wf_other', 'session-1')).ok).toBe(true);
});
