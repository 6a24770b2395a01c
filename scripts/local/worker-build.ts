/**
 * Builds a Worker as wrangler would deploy it: its modules, and the bindings of its configuration.
 *
 * Wrangler itself reads the configuration and bundles the code (`deploy --dry-run`, which uploads
 * nothing). So the local code is the deployed code, and no binding is written twice.
 */
import { readdir } from 'node:fs/promises';
import { join, matchesGlob, parse } from 'node:path';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { findWrangler, runWrangler } from '../../src/bundle/index.ts';
import type { WorkerOptions } from '../../src/dev/index.ts';

type Modules = Extract<WorkerOptions, { modules: readonly unknown[] }>['modules'];

/**
 * Builds into `outFolder`, which must stay until the runtime that uses it is closed. `entryFile`
 * takes the place of the configuration's `main`.
 */
export async function buildWorker(
  configPath: string,
  outFolder: string,
  entryFile?: string,
): Promise<WorkerOptions> {
  await bundle(configPath, outFolder, entryFile);
  const { workerOptions, main: configured = '' } = unstable_getMiniflareWorkerOptions(configPath);
  const main = entryFile ?? configured;
  const entry = `${parse(main).name}.js`;
  const { modulesRules, ...bindings } = workerOptions;
  const modules: Modules = [];
  for (const file of await readdir(outFolder)) {
    const path = join(outFolder, file);
    const rule = modulesRules?.find(({ include }) =>
      include.some((glob) => matchesGlob(file, glob)),
    );
    // The entry comes first, which is how the runtime finds it.
    if (file === entry) modules.unshift({ type: 'ESModule', path });
    else if (rule !== undefined) modules.push({ type: rule.type, path });
  }
  return { ...bindings, modules, modulesRoot: outFolder };
}

async function bundle(configPath: string, outFolder: string, entryFile?: string): Promise<void> {
  const wrangler = await findWrangler(import.meta.dirname);
  if (!wrangler.ok) throw new Error(wrangler.error.message);
  const entry = entryFile === undefined ? [] : [entryFile];
  const args = ['deploy', ...entry, '--dry-run', '--outdir', outFolder, '--config', configPath];
  const printed = await runWrangler(wrangler.value, args, { cwd: process.cwd() });
  if (!printed.ok) throw new Error(`the Worker of ${configPath} does not build\n${printed.error}`);
}
