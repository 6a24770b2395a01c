import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleConsole } from './console.ts';
import { isCurrent } from './current.ts';
import { vendored } from './vendored.ts';

/**
 * `npm run build`: writes the package's files to `dist/`, as npm publishes them.
 *
 * TypeScript emits each file on its own, so the package keeps the layout of `src`. npm packs file
 * modes as it finds them, so each file gets a fixed mode: two builds from two clones are then
 * identical.
 *
 * With `--if-stale` it keeps a current build. npm runs `prepare` for every `npx hewn` in
 * this repository, even while Workers and tests use the build. For the same reason a new build is
 * completed in a folder of its own and then takes the place of the old one.
 */

const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');
const COMMAND = 'src/cli/main.js';
const INPUTS = ['src', 'workers', 'scripts/build', 'package.json', 'tsconfig.json'];
const REFERENCE = join(ROOT, 'node_modules/@biscuit-auth/biscuit-wasm');

const inputs = [...INPUTS, 'tsconfig.build.json'].map((name) => join(ROOT, name));
if (!process.argv.includes('--if-stale') || !(await isCurrent(DIST, inputs))) {
  const draft = join(ROOT, `dist.${process.pid}`);
  const old = `${draft}.old`;
  try {
    await build(draft);
    await rename(DIST, old).catch(() => undefined); // There is none before the first build.
    await rename(draft, DIST);
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

async function build(dist: string): Promise<void> {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const args = [compiler, '-p', 'tsconfig.build.json', '--outDir', dist];
  execFileSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  await vendorReference(dist);
  await bundleConsole(ROOT, join(dist, 'console'));
  for (const file of await readdir(dist, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) await chmod(join(file.parentPath, file.name), 0o644);
  }
  await chmod(join(dist, COMMAND), 0o755); // `npx hewn` runs it from here without installing it.
}

/**
 * Copies the reference engine into the package. Its own `exports` block deep imports, and a path
 * into node_modules breaks in every layout but npm's own.
 */
async function vendorReference(dist: string): Promise<void> {
  const folder = join(dist, 'src/biscuit-wasm/vendor');
  await mkdir(folder, { recursive: true });
  for (const name of ['biscuit_bg.js', 'biscuit_bg.wasm']) {
    await copyFile(join(REFERENCE, 'module', name), join(folder, name));
  }
  await copyFile(join(REFERENCE, 'LICENSE'), join(folder, 'LICENSE'));
  const host = join(dist, 'src/biscuit-wasm');
  for (const name of ['host.workerd.js', 'host.node.js', 'link.js']) {
    const file = join(host, name);
    await writeFile(file, vendored(await readFile(file, 'utf8'), name));
  }
}
