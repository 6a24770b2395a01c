import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createTranscript,
  type Scene,
  sceneOf,
  walkThrough,
} from '../../scripts/walk-through/index.ts';
import { loadFolder } from '../../src/cli/index.ts';
import { type Dev, startDev } from '../../src/dev/index.ts';
import { loadDeploymentKeys } from '../../src/key-file/index.ts';

/** Wrangler builds the Workers, and other rings share the two cores. */
const START_MS_MAX = 240_000;
const FREE_PORTS = {
  HEWN_GATEWAY_PORT: '0',
  HEWN_ISSUER_PORT: '0',
  HEWN_IDP_PORT: '0',
  HEWN_MCP_PORT: '0',
};

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hewn-start-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const environment = (change: Record<string, string> = {}) => ({
  ...process.env,
  HEWN_HOME: home,
  NO_COLOR: '1',
  ...FREE_PORTS,
  ...change,
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command to its end. `onOut` may send a signal on the way. */
function start(
  args: readonly string[],
  change: Record<string, string> = {},
  onOut: (out: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, ['scripts/start.ts', ...args], {
    env: environment(change),
    timeout: START_MS_MAX,
  });
  let out = '';
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  child.stdout.on('data', (chunk) => {
    out += chunk;
    onOut(out, (signal) => child.kill(signal));
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

const gatewayIn = (out: string): string => /^ +gateway \w+ +(\S+)/m.exec(out)?.[1] ?? '';

describe('npm start', () => {
  test('prints its usage for --help and for an unknown option', async () => {
    expect(await start(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('--exit'),
    });
    const mistaken = await start(['--exti']);
    expect(mistaken).toMatchObject({ code: 2, err: expect.stringContaining('--exit') });
  });

  test('names the variable or the file that is wrong', async () => {
    const noPort = await start(['--exit'], { HEWN_MCP_PORT: 'x' });
    expect(noPort).toMatchObject({ code: 1, err: expect.stringContaining('HEWN_MCP_PORT') });
    const broken = await mkdtemp(join(home, 'broken-'));
    await loadDeploymentKeys(broken, 'dev', 1_800_000_000);
    await writeFile(join(broken, '.hewn/dev/keys.json'), '{}');
    const damaged = await start(['--exit'], { HEWN_HOME: broken });
    expect(damaged).toMatchObject({ code: 1, err: expect.stringContaining('keys.json') });
    expect(await readFile(join(broken, '.hewn/dev/keys.json'), 'utf8')).toBe('{}');
  });

  test('runs the whole walk-through and exits', { timeout: START_MS_MAX }, async () => {
    const { code, out } = await start(['--exit']);
    expect(out).toMatch(/all \d+ steps passed/);
    expect(out).not.toContain('FAILED');
    expect(out).toContain('generated keys for local use');
    expect(out).toMatch(/first denial \d+ ms after the revoke call returned/);
    expect(code).toBe(0);
    const { operator } = JSON.parse(await readFile(join(home, '.hewn/dev/keys.json'), 'utf8'));
    expect(out).not.toContain(operator);
  });

  test('stays up until it is interrupted, then closes every part', {
    timeout: START_MS_MAX,
  }, async () => {
    let answered: Promise<readonly number[]> | undefined;
    const { code, out } = await start([], {}, (text, kill) => {
      if (answered !== undefined || !text.includes('Ctrl-C ends it all')) return;
      const issuer = /^ +issuer +(\S+)/m.exec(text)?.[1] ?? '';
      // The state is that of the run before: a gateway is ready only if it can follow its feed.
      const urls = [
        `${issuer}/.well-known/oauth-authorization-server`,
        `${gatewayIn(text)}/readyz`,
        // The last line of the walk-through leads to its workflow.
        /^This workflow in the console: (\S+\/console\/#\/w\/wf_\S+)$/m.exec(text)?.[1] ?? '',
      ];
      answered = Promise.all(urls.map((url) => fetch(url).then(({ status }) => status)));
      void answered.finally(() => kill('SIGINT'));
    });
    expect(await answered).toEqual([200, 200, 200]);
    expect(code).toBe(0);
    await expect(fetch(gatewayIn(out))).rejects.toThrow('fetch failed');
  });
});

describe('the walk-through', () => {
  let dev: Dev;
  let scene: Scene;
  beforeAll(async () => {
    const folder = 'examples/reports';
    const started = await startDev({
      folder: resolve(folder),
      home: join(home, 'other'),
      load: () => loadFolder(process.cwd(), folder),
      variable: (name) => (FREE_PORTS as Record<string, string>)[name],
      say: () => {},
    });
    if (!started.ok) throw new Error(started.error);
    dev = started.value;
    scene = sceneOf(dev);
  }, START_MS_MAX);
  afterAll(() => dev.close());

  test('fails if a denied call reaches the server', { timeout: START_MS_MAX }, async () => {
    let requests = 0;
    const leaking = { ...scene.bridge, requests: () => requests++ };
    const out: string[] = [];
    const transcript = createTranscript((text) => out.push(text), { colours: false });
    await walkThrough({ ...scene, bridge: leaking }, transcript);
    // Ten attempts of the hijacked agent, and the check after the revocation.
    expect(transcript.count().failed).toBe(11);
    expect(out.join('')).toMatch(
      /FAILED +read private\/salaries.csv: denied: .* reached the server/,
    );
  });

  test('fails if the server holds other documents', { timeout: START_MS_MAX }, async () => {
    const elsewhere = await mkdtemp(join(home, 'elsewhere-'));
    await cp(scene.documents.root, elsewhere, { recursive: true });
    await writeFile(join(elsewhere, 'reports/q1.md'), 'another text\n');
    const transcript = createTranscript(() => {}, { colours: false });
    const documents = { ...scene.documents, root: elsewhere };
    await walkThrough({ ...scene, documents }, transcript);
    expect(transcript.count().failed).toBe(2); // the read, and the summary that is not there
  });
});
