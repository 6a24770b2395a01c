import { request } from 'node:http';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type BridgeEndpoint,
  type OpenRelay,
  openBridgeEndpoint,
  Relay,
} from '../../../src/bridge/index.ts';

const open: BridgeEndpoint[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((endpoint) => endpoint.close()));
});

const REVISIONS = ['2025-11-25', '2026-07-28'];

/** A gateway that reports progress before each answer. */
const gateway = (async (_: unknown, init: RequestInit) => {
  const { id, method, params } = JSON.parse(String(init.body ?? '{}'));
  if (init.method !== 'POST') return new Response(null, { status: 405 });
  if (id === undefined) return new Response(null, { status: 202 });
  const modern = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
  const results: Readonly<Record<string, object>> = {
    initialize: {
      protocolVersion: params?.protocolVersion,
      capabilities: { tools: {} },
      serverInfo: { name: 's', version: '1' },
    },
    'server/discover': {
      ...modern,
      supportedVersions: REVISIONS,
      capabilities: { tools: {} },
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 's', version: '1' } },
    },
    'tools/list': { ...modern, tools: [{ name: 'echo', inputSchema: { type: 'object' } }] },
    'tools/call': { ...modern, content: [{ type: 'text', text: 'hello' }] },
  };
  const answer = { jsonrpc: '2.0', id, result: results[method] ?? {} };
  const { progressToken } = params?._meta ?? {};
  if (progressToken === undefined) return Response.json(answer);
  const progress = { progressToken, progress: 1, total: 2 };
  const before = { jsonrpc: '2.0', method: 'notifications/progress', params: progress };
  const body = [before, answer].map((one) => `data: ${JSON.stringify(one)}\n\n`).join('');
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}) as typeof fetch;

const relay: OpenRelay = (onMessage) =>
  new Relay({
    server: 'echo',
    onMessage,
    route: { url: new URL('http://gateway.test/mcp/echo'), fetch: gateway },
  });

async function opened(): Promise<string> {
  const endpoint = await openBridgeEndpoint(new Map([['echo', relay]]));
  open.push(endpoint);
  return endpoint.urls.echo ?? '';
}

describe.each(['legacy', 'auto'] as const)('a client of the SDK 2 (%s)', (mode) => {
  test('lists and calls a tool, and gets its progress', async () => {
    const client = new Client({ name: 'a', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(new URL(await opened())));
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['echo']);
    const progress: unknown[] = [];
    const called = await client.callTool(
      { name: 'echo', arguments: {} },
      { onprogress: (one) => progress.push(one) },
    );
    expect(called.content).toEqual([{ type: 'text', text: 'hello' }]);
    expect(progress).toEqual([{ progress: 1, total: 2 }]);
    await client.close();
  });
});

const post = (url: string, headers: Readonly<Record<string, string>>) =>
  new Promise<number>((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject).end('{"jsonrpc":"2.0","id":1,"method":"ping"}');
  });

describe('a local endpoint', () => {
  test('answers who has its URL, and no one else', async () => {
    const url = await opened();
    expect(await post(url, {})).toBe(200);
    const { origin } = new URL(url);
    expect(await post(`${origin}/mcp/echo`, {})).toBe(404);
    expect(await post(`${origin}/${'A'.repeat(43)}/mcp/echo`, {})).toBe(404);
    expect(await post(url.replace('/mcp/echo', '/mcp/admin'), {})).toBe(404);
    expect(await post(url.replace('/mcp/echo', '/admin/v1/workflows'), {})).toBe(404);
  });

  test('answers no web page, by whichever name the page reaches it', async () => {
    const url = await opened();
    expect(await post(url, { origin: 'https://evil.example' })).toBe(404);
    expect(await post(url, { host: 'evil.example' })).toBe(404);
  });

  test('has no session to lose', async () => {
    const url = await opened();
    expect((await fetch(url)).status).toBe(405);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(405);
  });
});
