import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StdioServers, startStdioServers } from '../../../src/dev/stdio-servers/index.ts';

const PORT = { port: 0, what: 'MCP servers', portVariable: 'HEWN_MCP_PORT' };
const server = (command: readonly string[]) => ({
  name: 'echo',
  command,
  cwd: join(import.meta.dirname, 'servers'),
  stateFolder: '/tmp/state',
});

let servers: StdioServers;
beforeAll(async () => {
  process.env.HEWN_OPERATOR = 'secret';
  servers = await startStdioServers([server(['node', 'echo.js'])], PORT);
  delete process.env.HEWN_OPERATOR;
});
afterAll(() => servers.close());

const url = () => servers.urls.echo ?? '';

async function connected(options: ConstructorParameters<typeof Client>[1]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, options);
  await client.connect(new StreamableHTTPClientTransport(new URL(url())));
  return client;
}

describe.each([
  ['the stateless revision', { versionNegotiation: { mode: { pin: '2026-07-28' } } } as const],
  ['a revision with a handshake', {}],
])('a client of %s', (_, options) => {
  test('lists the tools and calls one of a stdio server', async () => {
    const client = await connected(options);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['echo']);
    const { content } = await client.callTool({ name: 'echo', arguments: { path: 'a' } });
    expect(content).toMatchObject([{ type: 'text' }]);
    expect(JSON.parse((content[0] as { text: string }).text)).toEqual({
      args: { path: 'a' },
      folder: '/tmp/state',
    });
    await client.close();
  });
});

test('a server gets a folder of its own, and no credential of Hewn', async () => {
  const client = await connected({});
  const { content } = await client.callTool({ name: 'echo', arguments: {} });
  const seen = JSON.parse((content[0] as { text: string }).text);
  // The variable was set when the server was started.
  expect(seen).toEqual({ args: {}, folder: '/tmp/state' });
  await client.close();
});

const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(url(), { method: 'POST', headers, body: JSON.stringify(body) });

test('the HTTP side counts the requests and keeps the tool calls', async () => {
  const before = servers.requests();
  const params = { name: 'echo', arguments: { n: 1 } };
  await post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  expect(servers.requests()).toBe(before + 1);
  expect(servers.seen().at(-1)).toEqual({ server: 'echo', tool: 'echo', args: { n: 1 } });
});

test('the HTTP side refuses what is no request to it', async () => {
  expect((await fetch(url())).status).toBe(405);
  expect((await fetch(url().replace('/echo', '/other'), { method: 'POST' })).status).toBe(404);
  expect((await fetch(url(), { method: 'POST', body: 'not JSON' })).status).toBe(400);
  expect((await post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202);
});

test('the HTTP side calls no tool for a page in a browser, by whichever name the page reaches it', async () => {
  const { port } = new URL(url());
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
  const statusOf = async (headers: Record<string, string>): Promise<number | undefined> => {
    // `fetch` sets both headers itself.
    const sent = request({ host: '127.0.0.1', port, path: '/echo', method: 'POST', headers });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };
  expect(await statusOf({})).toBe(200);
  expect(await statusOf({ origin: 'https://evil.example' })).toBe(403);
  expect(await statusOf({ origin: 'null' })).toBe(403);
  expect(await statusOf({ host: `evil.example:${port}` })).toBe(403);
});

test('a server that ended is started again by the next request', async () => {
  const call = (name: string) =>
    post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } });
  expect(await (await call('exit')).json()).toMatchObject({
    error: { message: expect.stringContaining('code 3') },
  });
  expect(await (await call('echo')).json()).toMatchObject({ result: {} });
});

test('a server that does not start is named with its command and its last words', async () => {
  await expect(startStdioServers([server(['no-such-program'])], PORT)).rejects.toThrow(
    'the MCP server "echo" (no-such-program) failed: spawn no-such-program ENOENT',
  );
  const dying = server(['node', '-e', 'console.error("no database"); process.exit(1)']);
  await expect(startStdioServers([dying], PORT)).rejects.toThrow(
    'it ended with code 1: no database',
  );
  const absent = server(['node', 'no-such-server.js']);
  await expect(startStdioServers([absent], PORT)).rejects.toThrow(
    'it ended with code 1: Error: Cannot find module',
  );
});
