/**
 * Runs the Workers on this machine: workerd through Miniflare, from the wrangler.toml files that a
 * deployment uses, each Worker on its own port on 127.0.0.1.
 *
 * The rows of the Durable Objects are kept in `stateFolder`, so a revocation survives a restart.
 * The start downloads nothing.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { LOOPBACK, reservePort } from '../../src/dev/index.ts';
import { buildWorker, type WorkerOptions } from './worker-build.ts';

export interface LocalWorker {
  /** Not 0: a Worker reads its own URL from its variables. See `reservePort`. */
  readonly port: number;
  /** Variables and secrets, by the names in the Worker's wrangler.toml. */
  readonly vars: Readonly<Record<string, string>>;
}

export interface LocalRuntime {
  readonly issuerUrl: string;
  readonly gatewayUrl: string;
  readonly close: () => Promise<void>;
}

/** One line that a Worker logged. */
export interface WorkerLine {
  readonly level: string;
  readonly message: string;
}

const PROJECT = resolve(import.meta.dirname, '../..');
const CONFIGS = {
  issuer: join(PROJECT, 'wrangler.toml'),
  gateway: join(PROJECT, 'workers/gateway/wrangler.toml'),
} as const;

interface StateAndLines {
  readonly stateFolder: string;
  readonly onLine: (line: WorkerLine) => void;
}

export async function startRuntime(
  options: StateAndLines & { readonly issuer: LocalWorker; readonly gateway: LocalWorker },
): Promise<LocalRuntime> {
  const { issuer, gateway, stateFolder } = options;
  await reservePort({ port: issuer.port, what: 'issuer', portVariable: 'HEWN_ISSUER_PORT' });
  await reservePort({ port: gateway.port, what: 'gateway', portVariable: 'HEWN_GATEWAY_PORT' });
  await mkdir(stateFolder, { recursive: true });
  const built = await mkdtemp(join(tmpdir(), 'hewn-build-'));
  const removeBuilt = () => rm(built, { recursive: true, force: true });
  try {
    const workers = await Promise.all([
      runnable('issuer', issuer, join(built, 'issuer')),
      runnable('gateway', gateway, join(built, 'gateway')),
    ]);
    const runtime = await startMiniflare(workers, options);
    return {
      issuerUrl: `http://${LOOPBACK}:${issuer.port}`,
      gatewayUrl: `http://${LOOPBACK}:${gateway.port}`,
      close: async () => {
        await runtime.dispose();
        await removeBuilt();
      },
    };
  } catch (error) {
    await removeBuilt();
    throw error;
  }
}

async function runnable(
  name: keyof typeof CONFIGS,
  { port, vars }: LocalWorker,
  outFolder: string,
): Promise<WorkerOptions> {
  const built = await buildWorker(CONFIGS[name], outFolder);
  return {
    ...built,
    name,
    bindings: { ...built.bindings, ...vars },
    // The Worker's own socket: requests arrive unchanged, without Miniflare's entry in front.
    unsafeDirectSockets: [{ host: LOOPBACK, port }],
  };
}

async function startMiniflare(
  workers: WorkerOptions[],
  options: StateAndLines,
): Promise<Miniflare> {
  const runtime = leavingSignalsAlone(() => newMiniflare(workers, options));
  try {
    await runtime.ready;
    return runtime;
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
}

const newMiniflare = (workers: WorkerOptions[], options: StateAndLines): Miniflare =>
  new Miniflare(
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
