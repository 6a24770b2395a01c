/** The package as npm packs it, installed in empty projects. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROTECTED_GZIP_BYTES_MAX } from '../../bench/suites/bundle.ts';
import { projectFile } from '../unit/docs/markdown.ts';
import { emptyFolder, install, type Packed, pack, remove, runIn, specifiers } from './consumer.ts';

const INSTALL_MILLISECONDS_MAX = 300_000;
const COMPILE_MILLISECONDS_MAX = 180_000; // It reads the types of every door.
// The gateway carries all of MCP and HTTP APIs, and the issuer the console. A quarter of a MiB was
// added for origins, receipts, approvals of single calls, labels, history and operators' passkeys.
const TARBALL_BYTES_MAX = 3.25 * 2 ** 20;
const OLDER_NODES = ['20.20.2', '22.23.3'];
const TYPESCRIPT = 'typescript@5.9.3';
const NODE_TYPES = '@types/node@22.20.7';
const PUBLINT = 'publint@0.3.25';
const ATTW = '@arethetypeswrong/cli@0.18.5';

let packed: Packed;
/** A project that installed nothing else, and one with a compiler and the linters of packages. */
let bare: string;
let tooled: string;
const folders: string[] = [];
beforeAll(async () => {
  const tarballs = await emptyFolder();
  await runIn(projectFile('.'), process.execPath, ['scripts/build/index.ts', '--if-stale']);
  packed = await pack(projectFile('.'), tarballs);
  bare = await install(packed);
  tooled = await install(packed, [TYPESCRIPT, NODE_TYPES, PUBLINT, ATTW]);
  folders.push(tarballs, bare, tooled);
}, INSTALL_MILLISECONDS_MAX);
afterAll(() => Promise.all(folders.map(remove)));

/** Installs another Node from npm and returns its path. */
async function installNode(version: string): Promise<string> {
  const folder = await emptyFolder();
  folders.push(folder);
  await runIn(folder, 'npm', ['install', '--no-audit', '--no-fund', `node@${version}`]);
  const node = join(folder, 'node_modules/node/bin/node');
  expect((await runIn(folder, node, ['--version'])).trim()).toBe(`v${version}`);
  return node;
}

test('the tarball has built files and templates, and every file that the manifest names', async () => {
  const own = ['hewn.schema.json', 'package.json', 'README.md', 'LICENSE'];
  const unexpected = packed.paths.filter(
    (path) => !/^(?:dist|templates)\//.test(path) && !own.includes(path),
  );
  expect(unexpected).toEqual([]);
  const manifest = await readFile(projectFile('package.json'), 'utf8');
  const named = [...manifest.matchAll(/"\.\/(dist\/[\w./-]+)"/g)].map(([, path]) => path);
  expect(named.length).toBeGreaterThan(20);
  expect(packed.paths).toEqual(expect.arrayContaining(named));
  expect(packed.bytes).toBeLessThan(TARBALL_BYTES_MAX);
});

describe('installed', () => {
  beforeAll(async () => {
    const imports = specifiers.map((door) => `console.log('${door}', await import('${door}'));`);
    await writeFile(join(bare, 'doors.mjs'), imports.join('\n'));
  });

  test('it brings small packages, three parsers for tools, and no platform', async () => {
    const names = await readdir(join(bare, 'node_modules'));
    expect(names.filter((name) => !name.startsWith('.')).sort()).toEqual([
      // The credentials and bounds of upstreams. The doors of other roles load none of them.
      ...['@cfworker', '@hpke', '@noble', 'aws4fetch', 'diff', 'eslint-visitor-keys', 'hewn'],
      ...[
        'itty-router',
        'jose',
        'jsonc-parser',
        'oauth4webapi',
        'smol-toml',
        'toml-eslint-parser',
        'valibot',
        'yaml',
      ],
    ]);
  });

  test.each(['this', ...OLDER_NODES])(
    'every door and the command run in Node %s',
    async (version) => {
      const node = version === 'this' ? process.execPath : await installNode(version);
      const printed = await runIn(bare, node, ['doors.mjs']);
      for (const door of specifiers) expect(printed).toContain(`${door} `);
      const command = 'node_modules/hewn/dist/src/cli/main.js';
      expect(await runIn(bare, node, [command, '--help'])).toMatch(/^hewn/);
    },
    INSTALL_MILLISECONDS_MAX,
  );

  test('the package as a whole says which parts it has', async () => {
    await writeFile(join(bare, 'whole.mjs'), "import 'hewn';");
    await expect(runIn(bare, process.execPath, ['whole.mjs'])).rejects.toThrow('hewn/verifier');
  });
});

describe('for TypeScript', () => {
  beforeAll(async () => {
    const lines = specifiers.map((door, i) => `import * as door${i} from '${door}';`);
    const used = specifiers.map((_, i) => `door${i}`).join(', ');
    await writeFile(join(tooled, 'doors.ts'), `${lines.join('\n')}\nconsole.log(${used});\n`);
  });

  test.each([
    ['nodenext', 'nodenext', 'es2022'],
    ['nodenext', 'nodenext', 'es2022,dom'],
    ['esnext', 'bundler', 'es2022'],
  ])(
    'it compiles strictly with module %s, resolution %s, lib %s',
    async (module, from, lib) => {
      const strict = [
        '--strict',
        '--exactOptionalPropertyTypes',
        '--verbatimModuleSyntax',
        '--noEmit',
      ];
      const target = ['--target', 'es2022', '--module', module, '--moduleResolution', from];
      const args = ['tsc', ...strict, ...target, '--lib', lib, '--types', 'node', 'doors.ts'];
      expect(await runIn(tooled, 'npx', args)).toBe('');
    },
    COMPILE_MILLISECONDS_MAX,
  );
});

test('publint and attw find nothing wrong', async () => {
  await runIn(tooled, 'npx', ['publint', 'run', packed.file, '--strict']);
  await runIn(tooled, 'npx', ['attw', packed.file, '--profile', 'esm-only']);
});

test('an API with `protect` and its feed loads at most 44.3 kB of a bundle', async () => {
  await writeFile(
    join(bare, 'api.js'),
    `import { protect } from 'hewn/verifier';
    const hewn = protect({
      issuer: 'https://issuer.example',
      audience: 'https://api.example',
      feedKey: '${'ab'.repeat(32)}',
    });
    const route = { tool: 'crm.search', action: 'read', tier: 1, dataset: 'crm/:region' };
    export default { fetch: hewn.fetch(route, ({ args }) => Response.json(args)) };\n`,
  );
  const { outputFiles, metafile } = await build({
    absWorkingDir: bare,
    entryPoints: ['api.js'],
    bundle: true,
    minify: true,
    splitting: true,
    outdir: 'out',
    format: 'esm',
    platform: 'browser',
    conditions: ['workerd'],
    metafile: true,
    write: false,
  });
  // The rest is loaded on demand: a set that grows while it is read.
  const atStart = new Set(['out/api.js']);
  for (const path of atStart) {
    for (const { kind, path: next } of metafile.outputs[path]?.imports ?? []) {
      if (kind === 'import-statement') atStart.add(next);
    }
  }
  const loaded = outputFiles.filter(({ path }) => atStart.has(relative(bare, path)));
  expect(loaded).toHaveLength(atStart.size);
  const contents = Buffer.concat(loaded.map((file) => file.contents));
  const bytes = gzipSync(contents, { level: 9 }).length;
  expect(bytes).toBeGreaterThan(30_000);
  expect(bytes).toBeLessThanOrEqual(PROTECTED_GZIP_BYTES_MAX);
});
