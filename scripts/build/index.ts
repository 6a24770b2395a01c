import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vendored } from './vendored.ts';

/**
 * `npm run build`: writes the package's files to `dist/`, as npm publishes them.
 *
 * TypeScript emits each file on its own, so the package keeps the layout of `src`. npm packs file
 * modes as it finds them, so all files get one mode: two builds from two clones are then identical.
 */

const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');
const REFERENCE = join(ROOT, 'node_modules/@biscuit-auth/biscuit-wasm');

await rm(DIST, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
  {
    cwd: ROOT,
    stdio: 'inherit',
  },
);
await vendorReference();
for (const file of await readdir(DIST, { recursive: true, withFileTypes: true })) {
  if (file.isFile()) await chmod(join(file.parentPath, file.name), 0o644);
}

/**
 * Copies the reference engine into the package. Its own `exports` block deep imports, and a path
 * into node_modules breaks in every layout but npm's own.
 */
async function vendorReference(): Promise<void> {
  const folder = join(DIST, 'src/biscuit-wasm/vendor');
  await mkdir(folder, { recursive: true });
  for (const name of ['biscuit_bg.js', 'biscuit_bg.wasm']) {
    await copyFile(join(REFERENCE, 'module', name), join(folder, name));
  }
  await copyFile(join(REFERENCE, 'LICENSE'), join(folder, 'LICENSE'));
  const host = join(DIST, 'src/biscuit-wasm');
  for (const name of ['host.workerd.js', 'host.node.js', 'link.js']) {
    const file = join(host, name);
    await writeFile(file, vendored(await readFile(file, 'utf8'), name));
  }
}
