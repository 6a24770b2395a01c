import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Miniflare, V4MiniflareOptions } from 'miniflare';
import type { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { type BundledWorker, importBeside, type Wrangler } from '../bundle/index.ts';
import { LOOPBACK } from './loopback.ts';

/** One Worker of a `Miniflare`, in the form that wrangler's own reader returns. */
type WorkerOptions = Extract<V4MiniflareOptions, { workers: unknown }>['workers'][number];

/** One line that a Worker logged. */
export interface WorkerLine {
  readonly level: string;
  readonly message: string;
}

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

export interface RuntimeOptions {
  readonly wrangler: Wrangler;
  readonly workers: readonly LocalWorker[];
  /** Contains the rows of the Durable Objects, so that a revocation survives a restart. */
  readonly stateFolder: string;
  readonly onLine: (line: WorkerLine) => void;
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
  const runtime = leavingSignalsAlone(() =>
    newMiniflare(miniflare as typeof import('miniflare'), runnable, options),
  );
  try {
    await runtime.ready;
    return { close: () => runtime.dispose() };
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
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

const newMiniflare = (
  { convertV4MiniflareOptions, Log, LogLevel, Miniflare: Runtime }: typeof import('miniflare'),
  workers: WorkerOptions[],
  options: RuntimeOptions,
): Miniflare =>
  new Runtime(
    convertV4MiniflareOptions({
      host: LOOPBACK,
      port: 0, // Miniflare's own entry; no client uses it
      cf: false, // otherwise Miniflare downloads a cf.json for `request.cf`
      telemetry: { enabled: false },
      log: new Log(LogLevel.ERROR),
      handleStructuredLogs: ({ level, message }) => options.onLine({ level, message }),
      resourcePersistencePath: options.stateFolder,
      workers,
    }),
  );

/**
 * A new Miniflare ends the process on SIGINT and SIGTERM, and the caller has more to close. Removes
 * its signal handlers, and keeps what it does when the process exits.
 */
function leavingSignalsAlone<T>(make: () => T): T {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
  const made = make();
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) {
      if (!before.get(signal)?.includes(listener)) process.off(signal, listener);
    }
  }
  return made;
}
