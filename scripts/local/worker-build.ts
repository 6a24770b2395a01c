/**
 * Builds a Worker as wrangler would deploy it: its modules, and the bindings of its configuration.
 *
 * Wrangler itself reads the configuration and bundles the code (`deploy --dry-run`, which uploads
 * nothing). So the local code is the deployed code, and no binding is written twice.
 */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, matchesGlob, parse } from 'node:path';
import { promisify } from 'node:util';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import type { WorkerOptions } from '../../src/dev/index.ts';

type Modules = Extract<WorkerOptions, { modules: readonly unknown[] }>['modules'];

/** Keeps wrangler offline: no update check, no reports, no log file in the home directory. */
const QUIET = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true', // the banner contains the update check
  WRANGLER_WRITE_LOGS: 'false',
};
const BUILD_MS_MAX = 60_000;

/** Builds into `outFolder`, which must stay until the runtime that uses it is closed. */
export async function buildWorker(configPath: string, outFolder: string): Promise<WorkerOptions> {
  await bundle(configPath, outFolder);
  const { workerOptions, main = '' } = unstable_getMiniflareWorkerOptions(configPath);
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

async function bundle(configPath: string, outFolder: string): Promise<void> {
  const manifest = createRequire(import.meta.url).resolve('wrangler/package.json');
  const wrangler = join(dirname(manifest), 'bin', 'wrangler.js');
  const args = ['deploy', '--dry-run', '--outdir', outFolder, '--config', configPath];
  try {
    await promisify(execFile)(process.execPath, [wrangler, ...args], {
      env: { ...process.env, ...QUIET },
      timeout: BUILD_MS_MAX,
    });
  } catch (error) {
    // esbuild's message is what matters, not the command that failed.
    const { stderr } = error as { stderr?: string };
    throw new Error(`the Worker of ${configPath} does not build\n${stderr ?? ''}`, {
      cause: error,
    });
  }
}
