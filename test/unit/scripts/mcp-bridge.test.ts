import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Client,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDocuments, type Documents } from '../../../scripts/local/documents.ts';
import { type McpBridge, startMcpBridge } from '../../../scripts/local/mcp-bridge.ts';

let folder: string;
let documents: Documents;
let bridge: McpBridge;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-bridge-'));
  documents = await createDocuments(folder);
  bridge = await startMcpBridge({ root: documents.root, port: 0 });
});
afterEach(async () => {
  await bridge.close();
  await rm(folder, { recursive: true });
});

const connected = async (mode: VersionNegotiationMode): Promise<Client> => {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(bridge.url)));
  return client;
};

describe.each<[string, VersionNegotiationMode]>([
  ['2026-07-28', { pin: '2026-07-28' }],
  ['2025-11-25', 'legacy'],
])('the bridge, in revision %s', (revision, mode) => {
  test('serves the tools of the server behind it, over real files', async () => {
    const client = await connected(mode);
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['read_text_file', 'write_file', 'list_directory', 'move_file']),
    );
    const read = { name: 'read_text_file', arguments: { path: 'reports/q3.md' } };
    const expected = await readFile(join(documents.root, 'reports/q3.md'), 'utf8');
    expect((await client.callTool(read)).content).toEqual([{ type: 'text', text: expected }]);
    const write = { path: documents.summary, content: 'Churn fell.' };
    await client.callTool({ name: 'write_file', arguments: write });
    expect(await readFile(join(documents.root, documents.summary), 'utf8')).toBe('Churn fell.');
    expect(bridge.seen()).toEqual([
      { tool: 'read_text_file', args: read.arguments },
      { tool: 'write_file', args: write },
    ]);
    await client.close();
  });

  test('passes on the refusals of the server behind it', async () => {
    const client = await connected(mode);
    const outside = { name: 'read_text_file', arguments: { path: '/etc/hostname' } };
    expect(await client.callTool(outside)).toMatchObject({ isError: true });
    expect(await client.callTool({ name: 'no_such_tool' })).toMatchObject({ isError: true });
    await client.close();
  });
});

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(bridge.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body,
  });

test('answers JSON without a session, and counts its requests', async () => {
  const response = await post('{"jsonrpc":"2.0","id":0,"method":"tools/list"}');
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('mcp-session-id')).toBeNull();
  expect(await response.json()).toMatchObject({ id: 0, result: { tools: expect.any(Array) } });
  expect((await post('{')).status).toBe(400);
  expect((await fetch(bridge.url)).status).toBe(405);
  expect((await fetch(bridge.url, { method: 'DELETE' })).status).toBe(405);
  expect(bridge.requests()).toBe(4);
  expect(bridge.seen()).toEqual([]);
});

test('close ends the server behind it, even with open connections', async () => {
  const client = await connected('legacy');
  await bridge.close();
  await expect(client.callTool({ name: 'list_allowed_directories' })).rejects.toThrow();
  await client.close();
  bridge = await startMcpBridge({ root: documents.root, port: 0 });
});

test('a port in use is an error that says how to choose another', async () => {
  const port = Number(new URL(bridge.url).port);
  await expect(startMcpBridge({ root: documents.root, port })).rejects.toThrow(/HEWN_MCP_PORT/);
});
