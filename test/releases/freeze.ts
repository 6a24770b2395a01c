/**
 * Keeps the Workers of a release: `npx node test/releases/freeze.ts FOLDER` builds both with the
 * code in FOLDER, a checkout of the release with its node_modules, and writes their modules to
 * test/releases/VERSION. Run it once, when a release is made: later tests run the kept Workers
 * beside those of the next release.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import {
  dependencyOf,
  type KeptModule,
  MODULE_TYPES,
  type ReleasedRole,
  sha256Of,
} from './released.ts';

const CONFIGS: Readonly<Record<ReleasedRole, string>> = {
  issuer: 'wrangler.toml',
  gateway: 'workers/gateway/wrangler.toml',
};

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('of which release? Name the folder of its code');
const release = resolve(folder);
const { version } = JSON.parse(await readFile(join(release, 'package.json'), 'utf8')) as {
  version: string;
};
const target = join(import.meta.dirname, version);
await rm(target, { recursive: true, force: true });
await mkdir(target);
const kept: Partial<Record<ReleasedRole, readonly KeptModule[]>> = {};
for (const role of ['issuer', 'gateway'] as const) kept[role] = await keep(role);
await writeFile(join(target, 'modules.json'), `${JSON.stringify(kept, null, 2)}\n`);
process.stdout.write(`the Workers of ${version} are in ${target}\n`);

async function keep(role: ReleasedRole): Promise<readonly KeptModule[]> {
  const config = join(release, CONFIGS[role]);
  await copyFile(config, join(target, `${role}.toml`));
  const built = await mkdtemp(join(tmpdir(), 'hewn-freeze-'));
  try {
    const wrangler = join(release, 'node_modules/wrangler/bin/wrangler.js');
    const args = ['deploy', '--dry-run', '--minify', '--outdir', built, '--config', config];
    await promisify(execFile)(process.execPath, [wrangler, ...args], { cwd: release });
    const modules: KeptModule[] = [];
    for (const name of await readdir(built)) {
      const type = MODULE_TYPES.find(([ending]) => name.endsWith(ending))?.[1];
      if (type === undefined) continue; // the source map, and a note of wrangler
      const bytes = await readFile(join(built, name));
      const sha256 = sha256Of(bytes);
      // The reference engine is pinned by version, and too large to keep for each release.
      const dependency = await dependencyOf(sha256);
      const file = type === 'ESModule' ? `${name}.gz` : name;
      const content = type === 'ESModule' ? gzipSync(bytes, { level: 9 }) : bytes;
      if (dependency === undefined) await writeFile(join(target, file), content);
      const module = { name, type, sha256, from: dependency ?? file };
      if (type === 'ESModule') modules.unshift(module);
      else modules.push(module);
    }
    return modules;
  } finally {
    await rm(built, { recursive: true, force: true });
  }
}
