/** A new user: an empty folder, the packed package, `hewn init`, and everything it promises. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectFile } from '../unit/docs/markdown.ts';
import { emptyFolder, type Packed, pack, remove, runIn } from './consumer.ts';

const INSTALL_MILLISECONDS_MAX = 300_000;
const START_MILLISECONDS_MAX = 120_000;
const STOP_MILLISECONDS_MAX = 30_000;
const QUIET = ['--no-audit', '--no-fund', '--prefer-offline'];
const PORTS = {
  HEWN_GATEWAY_PORT: '0',
  HEWN_ISSUER_PORT: '0',
  HEWN_IDP_PORT: '0',
  HEWN_MCP_PORT: '0',
};

let home: string;
let packed: Packed;
beforeAll(async () => {
  home = await emptyFolder();
  await runIn(projectFile('.'), process.execPath, ['scripts/build/index.ts', '--if-stale']);
  packed = await pack(projectFile('.'), home);
}, INSTALL_MILLISECONDS_MAX);
afterAll(() => remove(home));

const init = (folder: string, ...args: readonly string[]) =>
  runIn(home, 'npx', ['--yes', '--package', packed.file, 'hewn', 'init', folder, ...args]);

/** What a shell outside of this test run has. */
const outside = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:npm_|INIT_CWD|NODE_|VITEST)/i.test(name)),
  );

/** Starts an npm script in the background, and waits until it prints a text. */
class Script {
  readonly child: ChildProcess;
  out = '';

  constructor(folder: string, name: string) {
    // In a group of its own, so that `stop` reaches what npm started, which npm does not.
    const options = { cwd: folder, env: { ...outside(), ...PORTS }, detached: true };
    this.child = spawn('npm', ['run', name], options);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk) => {
        this.out += chunk;
      });
    }
  }

  async until(text: string): Promise<void> {
    const end = performance.now() + START_MILLISECONDS_MAX;
    while (!this.out.includes(text)) {
      if (this.child.exitCode !== null || performance.now() > end) {
        throw new Error(`"${text}" was not printed:\n${this.out}`);
      }
      await sleep(50);
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const closed = once(this.child, 'close');
    process.kill(-(this.child.pid ?? 0), 'SIGTERM');
    await Promise.race([closed, sleep(STOP_MILLISECONDS_MAX, undefined, { ref: false })]);
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Waits until another process has removed its file. */
async function untilGone(path: string): Promise<void> {
  const end = performance.now() + STOP_MILLISECONDS_MAX;
  while ((await isThere(path)) && performance.now() < end) await sleep(100);
  expect(await isThere(path)).toBe(false);
}

describe('the template mcp', () => {
  let folder: string;
  beforeAll(async () => {
    folder = join(home, 'team-notes');
    expect(await init(folder)).toContain('npm run dev');
    await runIn(folder, 'npm', ['install', ...QUIET]);
  }, INSTALL_MILLISECONDS_MAX);

  test('depends on the tarball that wrote it', async () => {
    const { name, dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    expect(name).toBe('team-notes');
    expect(dependencies.hewn).toBe(`file:${packed.file}`);
  });

  test('passes its own tests', { timeout: START_MILLISECONDS_MAX }, async () => {
    const printed = await runIn(folder, 'npm', ['test']);
    expect(printed).toContain('3 policy cases passed');
    expect(printed).toContain('pass 3');
  });

  test('is not written twice', { timeout: START_MILLISECONDS_MAX }, async () => {
    await writeFile(join(folder, 'agent.js.bak'), '');
    await expect(init(folder)).rejects.toThrow('no file is replaced');
  });

  test('runs with hewn dev, and its agent is allowed and denied', {
    timeout: 3 * START_MILLISECONDS_MAX,
  }, async () => {
    const dev = new Script(folder, 'dev');
    try {
      await dev.until('Ctrl-C ends it all');
      const agent = await runIn(folder, 'npm', ['run', 'agent']);
      expect(agent).toContain('capability until');
      expect(agent).toContain('allowed  read_note team/monday.md: # Monday');
      expect(agent).toContain('allowed  write_note drafts/week.md: written');
      expect(agent).toContain('denied   read_note private/diary.md: No grant covers this call.');
      await dev.until('denied    mcp/notes/read_note notes/private/diary.md  assistant for alice');
      const policy = join(folder, 'policy/notes.datalog');
      const text = await readFile(policy, 'utf8');
      await writeFile(policy, text.replaceAll('notes/team', 'notes/elsewhere'));
      await dev.until('in force: policy/notes.datalog');
      expect(await runIn(folder, 'npm', ['run', 'agent'])).toContain(
        'denied   read_note team/monday',
      );
      await expect(runIn(folder, 'npx', ['hewn', 'dev'])).rejects.toThrow('runs in this folder');
      await writeFile(policy, `${text}\nallow if nonsense(;\n`);
      await dev.until('not in force: policy/notes.datalog:');
      await writeFile(policy, text.replaceAll('notes/team', 'notes/elsewhere'));
      await dev.until('in force: the files are as they were');
      const settings = join(folder, 'hewn.toml');
      const valid = await readFile(settings, 'utf8');
      await writeFile(settings, valid.replace('servers/notes.js', 'servers/absent.js'));
      await dev.until('not in force: the MCP server "notes"');
      expect(await runIn(folder, 'npm', ['run', 'agent'])).toContain('allowed  write_note');
      const token = ['hewn', 'dev', 'token', '--user', 'alice', '--agent', 'assistant', '--json'];
      const credentials = JSON.parse(await runIn(folder, 'npx', token));
      expect(credentials).toMatchObject({
        issuer: expect.stringMatching(/^http:/),
        subjectToken: expect.stringMatching(/^ey/),
        actorToken: expect.stringMatching(/^ey/),
      });
    } finally {
      await dev.stop();
      await untilGone(join(folder, '.hewn/dev/running.json'));
    }
    await expect(runIn(folder, 'npx', ['hewn', 'dev', 'token', '--user', 'alice'])).rejects.toThrow(
      'no hewn dev runs',
    );
  });
});

describe('the template api', () => {
  let folder: string;
  beforeAll(async () => {
    folder = join(home, 'contacts');
    const printed = JSON.parse(await init(folder, '--template', 'api', '--json'));
    expect(printed).toMatchObject({ template: 'api', name: 'contacts' });
    await runIn(folder, 'npm', ['install', ...QUIET]);
  }, INSTALL_MILLISECONDS_MAX);

  test('passes its own tests', { timeout: START_MILLISECONDS_MAX }, async () => {
    expect(await runIn(folder, 'npm', ['test'])).toContain('pass 2');
  });

  test('runs with hewn dev, and its agent is allowed and denied', {
    timeout: 3 * START_MILLISECONDS_MAX,
  }, async () => {
    // A port that others hardly use.
    const settings = await readFile(join(folder, 'hewn.toml'), 'utf8');
    await writeFile(
      join(folder, 'hewn.toml'),
      settings.replace('127.0.0.1:3000', '127.0.0.1:19473'),
    );
    const dev = new Script(folder, 'dev');
    let api: Script | undefined;
    try {
      await dev.until('Ctrl-C ends it all');
      api = new Script(folder, 'api');
      await api.until('/contacts?region=eu');
      const agent = await runIn(folder, 'npm', ['run', 'agent']);
      expect(agent).toContain('allowed  eu: ["Ada","Blaise"]');
      expect(agent).toContain('denied   us: ');
      await dev.until('denied    contacts.search contacts/us  assistant for alice: no_grant');
    } finally {
      await api?.stop();
      await dev.stop();
    }
  });
});

test('npm create hewn writes the same files', { timeout: INSTALL_MILLISECONDS_MAX }, async () => {
  const folder = join(home, 'create');
  await cp(projectFile('packages/create-hewn'), folder, { recursive: true });
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const own = JSON.parse(await readFile(projectFile('package.json'), 'utf8'));
  expect([manifest.version, manifest.dependencies.hewn]).toEqual([own.version, own.version]);
  manifest.dependencies.hewn = `file:${packed.file}`;
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  const created = await pack(folder, home);
  const args = ['--yes', '--package', created.file, 'create-hewn', 'made', '--template', 'api'];
  expect(await runIn(home, 'npx', args)).toContain('npm run api');
  expect(await isThere(join(home, 'made/hewn.toml'))).toBe(true);
});
