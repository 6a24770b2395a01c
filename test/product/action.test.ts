/** The GitHub Action, by executing its steps as a runner does, with a local OIDC endpoint. */
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Background, type Deployed, outside, startDeployment } from '../coding-agents/scene.ts';
import { projectFile } from '../unit/docs/markdown.ts';
import { emptyFolder, pack, remove, runIn } from './consumer.ts';

const SETUP_MILLISECONDS_MAX = 600_000;
const STEP_MILLISECONDS_MAX = 120_000;
const REQUEST_TOKEN = 'request-token-of-this-job';

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: {
    readonly steps: readonly {
      readonly shell: string;
      readonly run: string;
      readonly 'working-directory': string;
      readonly env: Readonly<Record<string, string>>;
    }[];
  };
}

/** An agent: reads the configuration that it was handed, calls two tools, and looks for secrets. */
const AGENT = `import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const { notes } = JSON.parse(readFileSync(process.env.HEWN_MCP_CONFIG, 'utf8')).mcpServers;
const server = spawn(notes.command, notes.args, { stdio: ['pipe', 'pipe', 'inherit'] });
const waiting = new Map();
createInterface({ input: server.stdout }).on('line', (line) => {
  const message = JSON.parse(line);
  waiting.get(message.id)?.(message);
});
let next = 1;
const ask = (method, params) => new Promise((resolve) => {
  waiting.set(next, resolve);
  server.stdin.write(JSON.stringify({ jsonrpc: '2.0', id: next++, method, params }) + '\\n');
});
await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'job', version: '1' } });
for (const path of ['team/monday.md', 'private/diary.md']) {
  const { result } = await ask('tools/call', { name: 'read_note', arguments: { path } });
  console.log(path, result.isError === true ? 'denied' : 'allowed', process.argv[2]);
}
const seen = Object.keys(process.env).filter((name) => /^(ACTIONS_|INPUT_)/.test(name));
console.log('credentials:', seen.join() || 'none');
server.stdin.end();
process.exit(Number(process.argv[3] ?? 0));
`;

let home: string;
let folder: string;
let deployed: Deployed;
let platform: Server;
let runnerTemp: string;
const asked: { readonly audience: string | null; readonly isJob: boolean }[] = [];

const running = async () =>
  JSON.parse(await readFile(join(folder, '.hewn/dev/running.json'), 'utf8')).run;

/** GitHub's endpoint: a token of the job for the requested audience. */
async function startPlatform(): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = async () => {
      const url = new URL(request.url ?? '', 'http://platform');
      const isJob = request.headers.authorization === `bearer ${REQUEST_TOKEN}`;
      asked.push({ audience: url.searchParams.get('audience'), isJob });
      if (!isJob) return response.writeHead(401).end();
      const { tokenEndpoint } = await running();
      const body = new URLSearchParams({ agent: 'assistant' });
      const issued = (await (await fetch(tokenEndpoint, { method: 'POST', body })).json()) as {
        access_token: string;
      };
      return response.end(JSON.stringify({ value: issued.access_token }));
    };
    answer().catch((error: Error) => response.writeHead(500).end(error.message));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

beforeAll(async () => {
  home = await emptyFolder();
  runnerTemp = await mkdtemp(join(homedir(), 'hewn-runner-'));
  await runIn(projectFile('.'), process.execPath, ['scripts/build/index.ts', '--if-stale']);
  const packed = await pack(projectFile('.'), home);
  deployed = await startDeployment(home, packed.file);
  ({ folder } = deployed);
  await writeFile(join(folder, 'job.mjs'), AGENT);
  platform = await startPlatform();
}, SETUP_MILLISECONDS_MAX);
afterAll(async () => {
  platform?.close();
  await deployed?.dev.stop();
  await remove(home);
  await remove(runnerTemp);
});

interface Step {
  readonly code: number;
  readonly out: string;
}

/** Executes the steps of the action with these inputs, as a runner does. */
async function runAction(
  inputs: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>> = {},
): Promise<Step> {
  const action = parse(await readFile(projectFile('action/action.yml'), 'utf8')) as Action;
  const value = (text: string): string =>
    text.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name) => {
      if (!Object.hasOwn(action.inputs, name)) throw new Error(`no input ${name}`);
      return inputs[name] ?? action.inputs[name]?.default ?? '';
    });
  let out = '';
  for (const step of action.runs.steps) {
    expect(step.run).not.toContain(['$', '{{'].join(''));
    const env = Object.entries(step.env).map(([name, text]) => [name, value(text)]);
    const shell = ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run];
    const running = new Background(shell, value(step['working-directory']), {
      ...outside(),
      GITHUB_ACTION_PATH: projectFile('action'),
      RUNNER_TEMP: runnerTemp,
      GITHUB_OUTPUT: join(runnerTemp, 'output'),
      ...variables,
      ...Object.fromEntries(env),
    });
    out += await running.ended();
    const code = running.child.exitCode;
    if (code !== 0) return { code: code ?? -1, out };
  }
  return { code: 0, out };
}

const job = (): Record<string, string> => ({
  ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(platform.address() as AddressInfo).port}/token?api-version=2.0`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
});

const stateOf = async (out: string): Promise<string> => {
  const workflow = /workflow (wf_[\w-]+)/.exec(out)?.[1] ?? 'none';
  const words = ['hewn', 'workflows', 'show', workflow, '--json'];
  return JSON.parse(await runIn(folder, 'npx', words)).state;
};

const INPUTS = (...words: readonly string[]) => ({
  command: `node\njob.mjs\n${words.join('\n')}\n`,
  'working-directory': folder,
  hewn: '',
});

describe('the GitHub Action', () => {
  test('obtains a capability for the job, and ends its workflow with the agent', {
    timeout: STEP_MILLISECONDS_MAX,
  }, async () => {
    const { code, out } = await runAction(INPUTS('$(touch injected); `x`'), job());
    expect([code, out]).toEqual([0, expect.stringContaining('team/monday.md allowed')]);
    expect(out).toContain('private/diary.md denied $(touch injected); `x`');
    expect(out).toContain('credentials: none');
    expect(out).not.toContain(REQUEST_TOKEN);
    const { issuer } = await running();
    expect(asked.at(-1)).toEqual({ audience: issuer, isJob: true });
    expect(await stateOf(out)).toBe('completed');
    const output = await readFile(join(runnerTemp, 'output'), 'utf8');
    const summary = JSON.parse(await readFile(output.trim().replace('summary=', ''), 'utf8'));
    expect(summary.denied).toMatchObject([{ tool: 'mcp/notes/read_note', code: 'no_grant' }]);
  });

  test('fails with the agent, and its workflow has failed', {
    timeout: STEP_MILLISECONDS_MAX,
  }, async () => {
    const { code, out } = await runAction(INPUTS('x', '7'), job());
    expect(code).toBe(7);
    expect(await stateOf(out)).toBe('failed');
  });

  test('says which permission a job lacks', async () => {
    const { code, out } = await runAction(INPUTS('x'));
    expect([code, out]).toEqual([2, expect.stringContaining('id-token: write')]);
  });

  test('runs the release of its own version by default', async () => {
    const action = parse(await readFile(projectFile('action/action.yml'), 'utf8')) as Action;
    const { version } = JSON.parse(await readFile(projectFile('package.json'), 'utf8'));
    expect(action.inputs.hewn?.default).toBe(`hewn@${version}`);
  });
});
