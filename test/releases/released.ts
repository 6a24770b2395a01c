/** The Workers of earlier releases, as `freeze.ts` kept them. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import type { WorkerOptions } from '../../src/dev/index.ts';

export type ReleasedRole = 'issuer' | 'gateway';

/** Which files of a build are modules, by the end of their name. */
export const MODULE_TYPES = [
  ['.js', 'ESModule'],
  ['.wasm', 'CompiledWasm'],
  ['.datalog', 'Text'],
  ['.toml', 'Text'],
] as const;

export interface KeptModule {
  readonly name: string;
  readonly type: (typeof MODULE_TYPES)[number][1];
  /** Of the module as it runs. */
  readonly sha256: string;
  /** Its file beside `modules.json`, or that of a dependency in node_modules. */
  readonly from: string;
}

const ENGINE = 'node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.wasm';

export const sha256Of = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

/** Returns the file of the pinned dependency that has exactly these bytes. */
export async function dependencyOf(sha256: string): Promise<string | undefined> {
  return sha256Of(await readFile(ENGINE)) === sha256 ? ENGINE : undefined;
}

/**
 * Returns one Worker of a release with the bindings that it was deployed with. `folder` receives its
 * modules, and must stay until the runtime that uses it is closed.
 */
export async function releasedWorker(
  version: string,
  role: ReleasedRole,
  folder: string,
): Promise<WorkerOptions> {
  const release = join(import.meta.dirname, version);
  const kept = JSON.parse(await readFile(join(release, 'modules.json'), 'utf8')) as Readonly<
    Record<ReleasedRole, readonly KeptModule[]>
  >;
  await mkdir(folder, { recursive: true });
  const modules = [];
  for (const { name, type, sha256, from } of kept[role]) {
    const stored = await readFile(from === ENGINE ? ENGINE : join(release, from));
    const bytes = from.endsWith('.gz') ? gunzipSync(stored) : stored;
    if (sha256Of(bytes) !== sha256) {
      throw new Error(
        `${name} of release ${version} is not what it was. If the dependency was upgraded, ` +
          `copy its old file to ${release} and name it in modules.json`,
      );
    }
    const path = join(folder, name);
    await writeFile(path, bytes);
    modules.push({ type, path });
  }
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(release, `${role}.toml`));
  const { modulesRules: _, ...bindings } = workerOptions;
  return { ...bindings, modules, modulesRoot: folder };
}
