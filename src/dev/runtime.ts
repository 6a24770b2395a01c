import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { type BundledWorker, importBeside, type Wrangler } from '../bundle/index.ts';
import { LOOPBACK } from '../loopback/index.ts';
import { type MiniflareRun, startMiniflare, type WorkerOptions } from './miniflare.ts';

export interface LocalWorker {
  readonly bundled: BundledWorker;
  /** Not 0: a Worker reads its own URL from its variables. */
  readonly port: number;
  /** Secrets by the names of the Worker's variables. */
  readonly secrets: Readonly<Record<string, string>>;
}

export interface Runtime {
  readonly close: () => Promise<void>;
}

export interface RuntimeOptions extends MiniflareRun {
  readonly wrangler: Wrangler;
  readonly workers: readonly LocalWorker[];
}

/**
 * Runs bundled Workers on workerd, each on its own port on 127.0.0.1, with the bindings of their
 * generated configuration. Downloads nothing.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { wrangler, workers, stateFolder } = options;
  await mkdir(stateFolder, { recursive: true });
  const { unstable_getMiniflareWorkerOptions: read } = (await importBeside(
    wrangler,
    'wrangler',
  )) as { unstable_getMiniflareWorkerOptions: typeof unstable_getMiniflareWorkerOptions };
  const runnable = await Promise.all(workers.map((worker) => toOptions(worker, read)));
  const miniflare = await importBeside(wrangler, 'miniflare');
  const runtime = await startMiniflare(miniflare as typeof import('miniflare'), runnable, options);
  return { close: () => runtime.dispose() };
}

async function toOptions(
  { bundled, port, secrets }: LocalWorker,
  read: typeof unstable_getMiniflareWorkerOptions,
): Promise<WorkerOptions> {
  // Wrangler warns of secrets that it does not find, and they are passed on below.
  const { secrets: _secrets, ...config } = bundled.config;
  const file = join(dirname(bundled.configPath), 'wrangler.dev.json');
  await writeFile(file, JSON.stringify(config));
  const { modulesRules: _, ...options } = read(file).workerOptions;
  return {
    ...options,
    name: bundled.config.name,
    modules: bundled.modules.map(({ type, path }) => ({ type, path })),
    modulesRoot: bundled.outFolder,
    bindings: { ...(options.bindings as object), ...secrets },
    // The Worker's own socket: requests arrive unchanged, without Miniflare's entry in front.
    unsafeDirectSockets: [{ host: LOOPBACK, port }],
  };
}
