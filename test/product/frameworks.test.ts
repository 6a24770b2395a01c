import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { protectMcp } from '../../src/mcp/index.ts';
import { protectedApi } from '../unit/fixtures/protected-api.ts';
import { GRANTS, search } from '../unit/mcp/served.ts';
import { SERVERS, serve } from '../unit/mcp/servers.ts';

/**
 * What a model in an agent framework sees of a denied call. The model is scripted and in the
 * process of the agent; the server answers as the gateway does.
 */

const run = promisify(execFile);
/** The Claude Agent SDK is apart, because it brings a program of 200 MB. */
const FOLDERS = ['packages', 'claude'].map(
  (name) => new URL(`../frameworks/${name}/`, import.meta.url).pathname,
);
const INSTALL_MILLISECONDS_MAX = 110_000;

interface Saw {
  readonly tools?: readonly string[];
  /** What the model got after its call, as JSON. */
  readonly saw?: string;
  readonly error?: string;
}

const installed: string[] = [];
const results: Record<string, Saw> = {};

/** Installs the packages of a folder in a copy of it. */
async function install(packages: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hewn-frameworks-'));
  installed.push(folder);
  await cp(packages, folder, { recursive: true });
  const npm = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  await run('npm', npm, { cwd: folder, timeout: INSTALL_MILLISECONDS_MAX });
  return folder;
}

beforeAll(async () => {
  const api = await protectedApi();
  const tools = { search, erase: { ...search, action: 'delete' } } as const;
  const mcp = protectMcp(api.protection, { server: 'crm', tools });
  const build = SERVERS['SDK 1 on Fetch'];
  if (!build) throw new Error('there is no such server');
  const server = await serve(build(mcp, () => undefined));
  try {
    for (const packages of FOLDERS) {
      const cwd = await install(packages);
      const token = await api.mint({ grants: GRANTS, workflow: 'wf_eu' });
      const env = { ...process.env, MCP_URL: server.url, MCP_TOKEN: token };
      const { stdout } = await run(process.execPath, ['run.mjs'], { cwd, env, timeout: 60_000 });
      Object.assign(results, JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}'));
    }
  } finally {
    server.close();
  }
}, 2 * INSTALL_MILLISECONDS_MAX);
afterAll(() => Promise.all(installed.map((one) => rm(one, { recursive: true, force: true }))));

describe.each(['vercel', 'openai', 'langchain', 'claude'])('in the framework %s', (name) => {
  test('the text of a denial reaches the model, and only usable tools are offered', () => {
    const { tools, saw, error } = results[name] ?? {};
    expect(error).toBeUndefined();
    expect(tools).toEqual(['search']);
    expect(saw).toContain('Denied: mcp/crm/search (read) on crm/contacts/us was not called.');
    expect(saw).toContain('Reason (no_grant)');
    expect(saw).toContain('To be allowed, request this at');
  });
});
