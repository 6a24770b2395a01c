/**
 * A Worker as wrangler would deploy it: its modules, and the bindings its configuration names.
 *
 * Wrangler itself reads the configuration and bundles the code (`deploy --dry-run`, which uploads
 * nothing), so that what runs locally is what ships and no binding is written down twice.
 */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, matchesGlob } from 'node:path';
import { promisify } from 'node:util';
import type { V4MiniflareOptions } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';

/** One Worker of a `Miniflare`, in the notation that wrangler's own reader answers in. */
export type WorkerOptions = Extract<V4MiniflareOptions, { workers: unknown }>['workers'][number];
type Modules = Extract<WorkerOptions, { modules: readonly unknown[] }>['modules'];

/** What keeps wrangler on this machine: no update check, no reports, no log file in the home. */
const QUIET = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true', // the banner is where the update check lives
  WRANGLER_WRITE_LOGS: 'false',
};
const BUILD_MS_MAX = 60_000;

/** Builds into `outFolder`, which must stay until the runtime that uses it is closed. */
export async function buildWorker(configPath: string, outFolder: string): Promise<WorkerOptions> {
  await bundle(configPath, outFolder);
  const { workerOptions } = unstable_getMiniflareWorkerOptions(configPath);
  const { modulesRules, ...bindings } = workerOptions;
  const modules: Modules = [];
  for (const file of await readdir(outFolder)) {
    const path = join(outFolder, file);
    const rule = modulesRules?.find(({ include }) =>
      include.some((glob) => matchesGlob(file, glob)),
    );
    // The entry comes first, which is how the runtime knows it.
    if (file === 'index.js') modules.unshift({ type: 'ESModule', path });
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
    // What esbuild found is the whole news; the command that found it is none.
    const { stderr } = error as { stderr?: string };
    throw new Error(`the Worker of ${configPath} does not build\n${stderr ?? ''}`, {
      cause: error,
    });
  }
}
