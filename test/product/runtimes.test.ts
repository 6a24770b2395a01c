/** Projects of consumers that install the packed package: Deno, Bun, a browser, a Worker. */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestHarness } from 'wrangler';
import { projectFile } from '../unit/docs/markdown.ts';
import { type Files, launchChromium, servePage } from './browser.ts';
import { emptyFolder, install, type Packed, pack, remove, runIn } from './consumer.ts';

const INSTALL_MILLISECONDS_MAX = 300_000;
const DENO = 'deno@2.9.6';
const BUN = 'bun@1.4.5';
const VITE = 'vite@8.4.0';
const TYPESCRIPT = 'typescript@5.9.3';
const NODE_TYPES = '@types/node@22.20.7';
const WORKERS_TYPES = '@cloudflare/workers-types';
const BROWSER_MILLISECONDS_MAX = 20_000;
/** Granted; narrowed and inside; narrowed and outside; revoked. */
const VERDICTS = 'allowed allowed caveat_failed revoked';

let packed: Packed;
let folder: string;
const folders: string[] = [];
beforeAll(async () => {
  const tarballs = await emptyFolder();
  await runIn(projectFile('.'), process.execPath, ['scripts/build/index.ts', '--if-stale']);
  packed = await pack(projectFile('.'), tarballs);
  folder = await install(packed, [
    ...[DENO, BUN, VITE, TYPESCRIPT, NODE_TYPES],
    ...(await importedByExamples()),
  ]);
  folders.push(tarballs, folder);
  await cp(projectFile('test/product/verdicts.mjs'), join(folder, 'verdicts.mjs'));
}, INSTALL_MILLISECONDS_MAX);
afterAll(() => Promise.all(folders.map(remove)));

const exampleFiles = async (): Promise<readonly string[]> =>
  (await readdir(projectFile('examples'))).filter((name) => name.endsWith('.ts'));

/** The packages that the examples import besides this one, at the versions that we test with. */
async function importedByExamples(): Promise<readonly string[]> {
  const { devDependencies } = JSON.parse(await readFile(projectFile('package.json'), 'utf8'));
  const names = Object.keys(devDependencies).filter((name) => !name.startsWith('@types/'));
  const sources = await Promise.all(
    (await exampleFiles()).map((name) => readFile(projectFile(`examples/${name}`), 'utf8')),
  );
  const imported = sources
    .flatMap((source) => [...source.matchAll(/from '([^']+)'/g)])
    .map(([, from = '']) => from);
  const used = names.filter((name) =>
    imported.some((from) => from === name || from.startsWith(`${name}/`)),
  );
  const typed = used.filter((name) => `@types/${name}` in devDependencies);
  return [...used, ...typed.map((name) => `@types/${name}`), WORKERS_TYPES].map(
    (name) => `${name}@${devDependencies[name]}`,
  );
}

test('Deno runs it without any permission', async () => {
  const args = ['run', '--no-prompt', '--node-modules-dir=manual', 'verdicts.mjs'];
  expect((await runIn(folder, 'npx', ['deno', ...args])).trim()).toBe(VERDICTS);
});

test('Bun runs it', async () => {
  expect((await runIn(folder, 'npx', ['bun', 'verdicts.mjs'])).trim()).toBe(VERDICTS);
});

test('a page that vite bundled, without any setting, runs it in Chromium', async ({ skip }) => {
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><script type="module" src="./verdicts.mjs"></script>',
  );
  await runIn(folder, 'npx', ['vite', 'build', '--logLevel', 'error']);
  const browser = await launchChromium(skip);
  const page = await servePage(await filesOf(join(folder, 'dist')));
  try {
    const tab = await browser.newPage();
    await tab.goto(page.url);
    const timeout = BROWSER_MILLISECONDS_MAX;
    const verdicts = await tab.waitForFunction('globalThis.verdicts', undefined, { timeout });
    expect(await verdicts.jsonValue()).toBe(VERDICTS);
  } finally {
    await browser.close();
    page.close();
  }
}, 60_000);

async function filesOf(root: string): Promise<Files> {
  const files = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(root.length), await readFile(path, 'utf8'));
  }
  files.set('/', files.get('/index.html') ?? '');
  return files;
}

test('the examples compile strictly, and their unit tests pass', async () => {
  const examples = join(folder, 'examples');
  await cp(projectFile('examples'), examples, {
    recursive: true,
    filter: (path) => !/node_modules|\.wrangler|\.hewn/.test(path),
  });
  const options = {
    strict: true,
    noEmit: true,
    target: 'es2023',
    module: 'nodenext',
    allowImportingTsExtensions: true,
    lib: ['es2023'],
    types: ['node', WORKERS_TYPES],
    // The types of Node and of workerd contradict each other.
    skipLibCheck: true,
  };
  const tsconfig = { compilerOptions: options, include: ['*.ts'] };
  await writeFile(join(examples, 'tsconfig.json'), JSON.stringify(tsconfig));
  expect(await runIn(folder, 'npx', ['tsc', '-p', 'examples'])).toBe('');
  const tests = (await exampleFiles()).filter((name) => name.endsWith('.test.ts'));
  const tested = await runIn(examples, process.execPath, ['--test', ...tests]);
  expect(tested).toMatch(/pass [1-9]\d*\n.*fail 0/s);
}, 60_000);

test('a Worker with a verifier is built from the package, and denies a stranger', async () => {
  const worker = join(folder, 'worker');
  await mkdir(worker);
  for (const name of ['verifier.ts', 'wrangler.toml']) {
    await cp(projectFile(`examples/${name}`), join(worker, name));
  }
  const vars = {
    ISSUER: 'https://issuer.test',
    AUDIENCE: 'https://api.test',
    FEED_PUBLIC_KEY: '00'.repeat(31).concat('01'),
  };
  const harness = createTestHarness({
    workers: [{ configPath: join(worker, 'wrangler.toml'), vars }],
  });
  try {
    await harness.listen();
    const response = await harness.getWorker('contacts').fetch('https://api.test/contacts/eu');
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'token_missing' });
  } finally {
    await harness.close();
  }
}, 60_000);
