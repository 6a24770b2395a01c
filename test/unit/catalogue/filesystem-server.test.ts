import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CatalogueTool, parseCatalogue, tools } from '../../../src/catalogue/index.ts';

// Compares the catalogue with the answers of a real MCP server that we did not write.
const SERVER = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/server-filesystem/dist/index.js',
);

interface ServerTool {
  readonly name: string;
  readonly inputSchema: { readonly properties?: Readonly<Record<string, unknown>> };
  readonly annotations?: { readonly readOnlyHint?: boolean; readonly destructiveHint?: boolean };
}

let folder: string;
let client: Client;
let served: readonly ServerTool[];
let listed: readonly CatalogueTool[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-catalogue-'));
  client = new Client({ name: 'hewn-test', version: '0' });
  const args = [SERVER, folder];
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }),
  );
  served = (await client.listTools()).tools as readonly ServerTool[];
  const catalogue = parseCatalogue(await readFile('policy/tools.toml', 'utf8'));
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  listed = tools(catalogue.value).filter(({ name }) => name.startsWith('mcp/files/'));
});
afterAll(async () => {
  await client?.close();
  await rm(folder, { recursive: true });
});

const entryOf = (tool: ServerTool): CatalogueTool | undefined =>
  listed.find(({ name }) => name === `mcp/files/${tool.name}`);

test('the catalogue lists exactly the tools of the server', () => {
  expect(listed.map(({ name }) => name).sort()).toEqual(
    served.map(({ name }) => `mcp/files/${name}`).sort(),
  );
});

test('the catalogue lists exactly the arguments of each tool', () => {
  const argumentsOf = (names: readonly string[] = []) => [...names].sort();
  for (const tool of served) {
    expect([tool.name, argumentsOf(entryOf(tool)?.arguments)]).toEqual([
      tool.name,
      argumentsOf(Object.keys(tool.inputSchema.properties ?? {})),
    ]);
  }
});

test('every argument that is a path names a dataset', () => {
  const PATHS = ['path', 'paths', 'source', 'destination'];
  for (const tool of listed) {
    const named = tool.datasets.flatMap((source) =>
      'argument' in source ? [source.argument.split('/')[1]] : [],
    );
    expect([tool.name, named]).toEqual([
      tool.name,
      tool.arguments.filter((argument) => PATHS.includes(argument)),
    ]);
  }
});

test('reads are tier 1, writes are tier 2, and tools that the server calls destructive are tier 3', () => {
  for (const tool of served) {
    const { action, tier } = entryOf(tool) ?? {};
    const { readOnlyHint, destructiveHint } = tool.annotations ?? {};
    const expected = readOnlyHint ? ['read', 1] : ['write', destructiveHint ? 3 : 2];
    expect([tool.name, action, tier]).toEqual([tool.name, ...expected]);
  }
});
