import { randomUUID } from 'node:crypto';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, expect, test } from 'vitest';
import { type McpProtection, protectMcp } from '../../../src/mcp/index.ts';
import { protectedApi } from '../fixtures/protected-api.ts';
import { type SessionTransport, serve, withSessions } from './servers.ts';

/** What a session carries besides calls and results: progress, and questions to the user. */

const rename = { action: 'write', tier: 2, dataset: 'crm/contacts/eu' } as const;
const GRANTS = [{ tool: 'mcp/crm/rename', action: 'write', dataset: 'crm/contacts' }] as const;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Its only tool reports progress and asks for the new name. */
function createServer(mcp: McpProtection): McpServer {
  const server = new McpServer({ name: 'crm', version: '1.0.0' });
  server.registerTool('rename', {}, async ({ _meta, sendNotification }) => {
    const { progressToken = '' } = _meta ?? {};
    const params = { progressToken, progress: 1, total: 2 };
    await sendNotification({ method: 'notifications/progress', params });
    const asked = await server.server.elicitInput({
      message: 'Which name?',
      requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
    });
    return { content: [{ type: 'text', text: `renamed to ${asked.content?.name}` }] };
  });
  return mcp.server(server);
}

async function started(answers: 'deny' | 'unjudged' = 'deny') {
  const { protection, mint } = await protectedApi();
  const mcp = protectMcp(protection, { server: 'crm', tools: { rename }, answers });
  const open = async (opened: (id: string, transport: SessionTransport) => void) => {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => opened(id, transport as SessionTransport),
    });
    await createServer(mcp).connect(transport as never);
    return transport as SessionTransport;
  };
  const { url, close } = await serve(withSessions(mcp, open));
  closing.push(close);
  const bearer = async (workflow: string): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await mint({ grants: GRANTS, workflow })}`,
  });
  return { url, bearer };
}

test('progress and a question of the server reach the client, and its answer the tool', async () => {
  const { url, bearer } = await started('unjudged');
  const client = new Client(
    { name: 'agent', version: '1.0.0' },
    { capabilities: { elicitation: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, () => ({
    action: 'accept',
    content: { name: 'Ada' },
  }));
  const requestInit = { headers: await bearer('wf_owner') };
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit });
  await client.connect(transport as never);
  closing.push(() => client.close());
  const progress: number[] = [];
  const result = await client.callTool({ name: 'rename' }, CallToolResultSchema, {
    onprogress: (step) => progress.push(step.progress),
  });
  expect(result.content).toEqual([{ type: 'text', text: 'renamed to Ada' }]);
  expect(progress).toEqual([1]);
});

test('another workflow cannot use, follow or end a session whose id has leaked', async () => {
  const { url, bearer } = await started();
  const json = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'a', version: '1' },
  };
  const post = (headers: Record<string, string>, body: object) =>
    fetch(url, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });
  const owner = await bearer('wf_owner');
  const opened = await post(owner, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  await opened.body?.cancel();
  const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };
  const thief = { ...json, ...(await bearer('wf_thief')), ...session };
  expect((await post(thief, ping)).status).toBe(404);
  expect((await fetch(url, { headers: thief })).status).toBe(404);
  expect((await fetch(url, { method: 'DELETE', headers: thief })).status).toBe(404);
  expect((await post({ ...(await bearer('wf_owner')), ...session }, ping)).status).toBe(200);
});
