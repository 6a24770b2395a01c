import type { Miniflare, V4MiniflareOptions } from 'miniflare';
import { LOOPBACK } from '../loopback/index.ts';

/** One Worker of a `Miniflare`, in the form that wrangler's own reader returns. */
export type WorkerOptions = Extract<V4MiniflareOptions, { workers: unknown }>['workers'][number];

/** One line that a Worker logged. */
export interface WorkerLine {
  readonly level: string;
  readonly message: string;
}

export interface MiniflareRun {
  /** Contains the rows of the Durable Objects, so that a revocation survives a restart. */
  readonly stateFolder: string;
  readonly onLine: (line: WorkerLine) => void;
}

/**
 * Runs Workers on workerd and resolves once they are ready. Downloads nothing. `miniflare` is the
 * module, which is loaded late because it is an optional peer.
 */
export async function startMiniflare(
  miniflare: typeof import('miniflare'),
  workers: WorkerOptions[],
  run: MiniflareRun,
): Promise<Miniflare> {
  const runtime = leavingSignalsAlone(() => newMiniflare(miniflare, workers, run));
  try {
    await runtime.ready;
    return runtime;
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
}

const newMiniflare = (
  { convertV4MiniflareOptions, Log, LogLevel, Miniflare: Runtime }: typeof import('miniflare'),
  workers: WorkerOptions[],
  { stateFolder, onLine }: MiniflareRun,
): Miniflare =>
  new Runtime(
    convertV4MiniflareOptions({
      host: LOOPBACK,
      port: 0, // Miniflare's own entry; no client uses it
      cf: false, // otherwise Miniflare downloads a cf.json for `request.cf`
      telemetry: { enabled: false },
      log: new Log(LogLevel.ERROR),
      handleStructuredLogs: ({ level, message }) => onLine({ level, message }),
      resourcePersistencePath: stateFolder,
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
