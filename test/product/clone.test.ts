/** The first minutes of a newcomer: clone, install, the command, and `npm start` to its end. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectFile } from '../unit/docs/markdown.ts';

const run = promisify(execFile);
const INSTALL_MILLISECONDS_MAX = 300_000;
const START_MILLISECONDS_MAX = 120_000;
const OUTPUT_BYTES_MAX = 16 * 2 ** 20;
/** Free ports, so that a local Hewn on the usual ones does not matter. */
const PORTS = Object.fromEntries(
  ['GATEWAY', 'ISSUER', 'IDP', 'MCP'].map((name) => [`HEWN_${name}_PORT`, '0']),
);

let home: string;
let clone: string;

/** Runs a command in the clone, without the variables that npm sets for this test run. */
const inClone = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const outside = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|INIT_CWD|NODE_(?!EXTRA_CA)|VITEST)/i.test(name),
  );
  return run(command, args, {
    cwd: clone,
    env: { ...Object.fromEntries(outside), ...env },
    maxBuffer: OUTPUT_BYTES_MAX,
  });
};

const changes = async (): Promise<string> =>
  (await inClone('git', ['status', '--porcelain'])).stdout;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hewn-clone-'));
  clone = join(home, 'hewn');
  await run('git', ['clone', '--quiet', projectFile('.'), clone]);
  await inClone('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline']);
}, INSTALL_MILLISECONDS_MAX);
afterAll(() => rm(home, { recursive: true, force: true }));

test('npm install leaves the tree clean', async () => {
  expect(await changes()).toBe('');
});

test('npx hewn --help lists the commands', async () => {
  const { stdout } = await inClone('npx', ['hewn', '--help']);
  expect(stdout).toContain('hewn policy test');
});

test(
  'npx hewn init writes a deployment that installs from the clone and passes its tests',
  async () => {
    const folder = join(home, 'deployment');
    await inClone('npx', ['hewn', 'init', folder]);
    const inDeployment = (...args: readonly string[]) =>
      inClone('npm', ['--prefix', folder, ...args]);
    await inDeployment('install', '--no-audit', '--no-fund', '--prefer-offline');
    expect((await inDeployment('test')).stdout).toContain('3 policy cases passed');
    expect(await changes()).toBe('');
  },
  INSTALL_MILLISECONDS_MAX,
);

test(
  'npm start runs the walk-through to its end and leaves the tree clean',
  async () => {
    const { stdout } = await inClone('npm', ['start', '--', '--exit'], PORTS);
    expect(stdout).toMatch(/all \d+ steps passed/);
    expect(await changes()).toBe('');
  },
  START_MILLISECONDS_MAX,
);
