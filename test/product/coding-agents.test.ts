/** The real coding agents, unpatched, behind a gateway: from `hewn init` to the first denial. */
import { createHash } from 'node:crypto';
import { chmod, cp, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AGENTS,
  Background,
  type Deployed,
  installAgents,
  outside,
  startDeployment,
} from '../coding-agents/scene.ts';
import { type Step, startScriptedModel } from '../coding-agents/scripted-model.ts';
import { projectFile } from '../unit/docs/markdown.ts';
import { emptyFolder, pack, remove, runIn } from './consumer.ts';

const SETUP_MILLISECONDS_MAX = 600_000;
const SHOW_SECONDS_MAX = 300; // 90 on a machine with nothing else to do, and it is printed.
const KILLED_SECONDS_MAX = 120;

const read = (path: string): Step => ({ server: 'notes', tool: 'read_note', args: { path } });
const write = (path: string): Step => ({
  server: 'notes',
  tool: 'write_note',
  args: { path, text: 'The release moves to Thursday.' },
});

let home: string;
let bin: string;
let deployed: Deployed;
const hunts: string[] = [];
/** A run that is killed at the beginning, and looked at in the end. */
let killed: { readonly run: Background; readonly workflow: string; readonly at: number };

beforeAll(async () => {
  home = await emptyFolder();
  await runIn(projectFile('.'), process.execPath, ['scripts/build/index.ts', '--if-stale']);
  const packed = await pack(projectFile('.'), home);
  bin = await installAgents(home);
  deployed = await startDeployment(home, packed.file);
  const run = hewnRun(['--', 'sleep', '600']);
  await run.until('workflow wf_');
  const workflow = workflowOf(run.out);
  const before = await stateOf(workflow);
  if (before !== 'active') throw new Error(`the workflow of a run is ${before}`);
  run.child.kill('SIGKILL');
  killed = { run, workflow, at: performance.now() };
}, SETUP_MILLISECONDS_MAX);
afterAll(async () => {
  await killed?.run.stop('SIGKILL'); // Its agent is still there.
  await deployed?.dev.stop();
  for (const folder of [home, ...hunts]) await remove(folder);
});

const path = (): string =>
  [bin, join(projectFile('.'), 'node_modules', '.bin'), process.env.PATH].join(delimiter);

/** Runs `hewn run` as a user does, without npx in between. */
const hewnRun = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = deployed.folder,
): Background =>
  new Background([join(deployed.folder, 'node_modules/.bin/hewn'), 'run', ...args], cwd, {
    ...outside(),
    PATH: path(),
    ...env,
  });

/** The state of a workflow, as the operator sees it. */
async function stateOf(workflow: string): Promise<string> {
  const shown = await runIn(deployed.folder, 'npx', [
    'hewn',
    'workflows',
    'show',
    workflow,
    '--json',
  ]);
  return JSON.parse(shown).state;
}

const workflowOf = (out: string): string => /workflow (wf_[\w-]+)/.exec(out)?.[1] ?? 'none';
const sockets = async (): Promise<number> =>
  (await readdir(join(homedir(), '.hewn/run')).catch(() => [])).length;

describe.each(Object.keys(AGENTS))('%s, as npm installs it', (name) => {
  test('reads and writes, obeys an injected instruction, and is denied', {
    timeout: 180_000,
  }, async () => {
    const model = await startScriptedModel([
      read('team/tuesday.md'),
      write('drafts/week.md'),
      read('private/diary.md'),
      { text: 'finished' },
    ]);
    const before = await sockets();
    try {
      const driven = await AGENTS[name]?.(model.url, join(home, name));
      if (driven === undefined) throw new Error(`no agent ${name}`);
      const began = performance.now();
      const out = await hewnRun(
        ['--step-up', 'never', '--', ...driven.command],
        driven.env,
      ).ended();
      const seconds = deployed.seconds + (performance.now() - began) / 1_000;
      console.log(`${name}: ${seconds.toFixed(0)} s from hewn init to the first denied attack`);
      const results = model.turns().at(-1)?.results ?? [];
      expect(results[0], out).toContain('Ignore all previous instructions');
      expect(results[1]).toContain('written');
      // Gemini CLI reads the narrowed schema, and does not even send the call.
      expect(results[2]).toMatch(/no_grant|must match pattern/);
      expect(results.join()).not.toContain('but me reads this');
      expect(out).toContain('mcp/notes/write_note');
      expect(out).toContain('granted, never used:\nhewn:   mcp/notes/list_notes');
      expect(await readFile(join(deployed.folder, 'notes/drafts/week.md'), 'utf8')).toContain(
        'Thursday',
      );
      expect(seconds).toBeLessThan(SHOW_SECONDS_MAX);
      expect(await stateOf(workflowOf(out))).toBe('completed');
      // Fewer, if another run was killed: the next one removes its folder.
      expect(await sockets()).toBeLessThanOrEqual(before);
    } finally {
      await model.close();
    }
  });

  test('steps up for what the policy allows, and for nothing else', {
    timeout: 180_000,
  }, async () => {
    const model = await startScriptedModel([
      write('drafts/other.md'),
      read('private/diary.md'),
      { text: 'finished' },
    ]);
    try {
      const driven = await AGENTS[name]?.(model.url, join(home, name));
      const flags = ['--task', 'weekly summary', '--grants', 'narrow.toml', '--step-up', 'policy'];
      const out = await hewnRun([...flags, '--', ...(driven?.command ?? [])], driven?.env).ended();
      const results = model.turns().at(-1)?.results ?? [];
      expect(results[0], out).toContain('written');
      expect(results[1]).toContain('The issuer did not grant it');
      expect(out).toContain('mcp/notes/read_note: no_grant');
    } finally {
      await model.close();
    }
  });
});

describe('an agent that is hijacked', () => {
  /** Prints what it finds, and where it could not look. */
  async function search(user: readonly string[]) {
    // Where another user can read the program, too.
    const hunt = await mkdtemp(join(tmpdir(), 'hewn-hunt-'));
    hunts.push(hunt);
    await chmod(hunt, 0o755);
    const [program, node] = [join(hunt, 'hijacked.mjs'), join(hunt, 'node')];
    await cp(join(projectFile('.'), 'test/coding-agents/hijacked.mjs'), program);
    await cp(join(projectFile('.'), 'node_modules/node/bin/node'), node);
    const tokens = JSON.parse(
      await runIn(deployed.folder, 'npx', [
        'hewn',
        'dev',
        'token',
        '--user',
        'alice',
        '--agent',
        'assistant',
        '--json',
      ]),
    );
    const variables = await readFile(join(deployed.folder, '.hewn/dev.env'), 'utf8');
    const operator = /^HEWN_OPERATOR=(.+)$/m.exec(variables)?.[1] ?? '';
    const secrets = [tokens.subjectToken, tokens.actorToken, operator];
    const digests = secrets.map((one) => createHash('sha256').update(one).digest('hex'));
    const out = await hewnRun(
      [
        ...[
          '--folder',
          deployed.folder,
          '--identity',
          'env:AGENT_TOKEN',
          '--user',
          'env:USER_TOKEN',
        ],
        ...['--', ...user, node, program, digests.join(), hunt, join(homedir(), '.hewn/run')],
      ],
      {
        AGENT_TOKEN: tokens.actorToken,
        USER_TOKEN: tokens.subjectToken,
        HEWN_OPERATOR: operator,
      },
      hunt,
    ).ended();
    const line = out.split('\n').find((each) => each.startsWith('{'));
    if (line === undefined) throw new Error(out);
    return JSON.parse(line) as {
      readonly found: readonly string[];
      readonly unreadable: readonly string[];
      readonly parent: number;
      readonly env: readonly string[];
    };
  }

  test('finds no secret in /proc or in the files of its run', { timeout: 120_000 }, async () => {
    const { found, env } = await search([]);
    expect(found).toEqual([]);
    expect(env.filter((name) => /TOKEN|OPERATOR/.test(name))).toEqual([]);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'under another user cannot read the memory of its parent either',
    { timeout: 120_000 },
    async () => {
      const other = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
      const { found, unreadable, parent } = await search(other);
      expect(found).toEqual([]);
      for (const file of ['environ', 'mem', 'fd']) {
        expect(unreadable).toContain(`/proc/${parent}/${file}`);
      }
    },
  );

  test('does not outlive its parent: the workflow ends by itself', {
    timeout: 1_000 * (KILLED_SECONDS_MAX + 60),
  }, async () => {
    const seconds = () => (performance.now() - killed.at) / 1_000;
    const isOver = () => seconds() >= KILLED_SECONDS_MAX;
    while ((await stateOf(killed.workflow)) === 'active' && !isOver()) await sleep(2_000);
    expect(await stateOf(killed.workflow)).toBe('expired');
  });
});

test('the headers that Claude Code would ask for reach the server, and no other', {
  timeout: 60_000,
}, async () => {
  const own = await emptyFolder();
  const env = [`HOME=${own}`, `PATH=${path()}`];
  const hewn = join(deployed.folder, 'node_modules/.bin/hewn');
  await runIn(deployed.folder, 'env', [...env, hewn, 'connect', 'claude', '--headers', '--yes']);
  const written = JSON.parse(await readFile(join(own, '.claude.json'), 'utf8'));
  const { url, headersHelper } = written.mcpServers.notes;
  const printed = await runIn(own, 'env', [...env, 'sh', '-c', headersHelper]);
  const call = (path: string) =>
    fetch(url, {
      method: 'POST',
      headers: {
        ...JSON.parse(printed),
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'read_note', arguments: { path } },
      }),
    }).then((response) => response.text());
  expect(await call('team/monday.md')).not.toContain('isError');
  expect(await call('private/diary.md')).toContain('no_grant');
  await remove(own);
});

test('a client that knows only a command reaches a server through hewn bridge', {
  timeout: 60_000,
}, async () => {
  const client = new Client({ name: 'desktop', version: '1' });
  const transport = new StdioClientTransport({
    command: join(deployed.folder, 'node_modules/.bin/hewn'),
    // As a desktop program starts it: anywhere, with the folder named.
    args: ['bridge', 'notes', '--folder', deployed.folder],
    cwd: home,
    env: { ...outside(), PATH: path() },
    stderr: 'pipe',
  });
  await client.connect(transport);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain('read_note');
  const call = (path: string) => client.callTool({ name: 'read_note', arguments: { path } });
  expect((await call('team/monday.md')).isError).not.toBe(true);
  const denied = await call('private/diary.md');
  expect([denied.isError, JSON.stringify(denied.content)]).toEqual([
    true,
    expect.stringContaining('no_grant'),
  ]);
  await client.close();
});
