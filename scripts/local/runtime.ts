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
import * as miniflare from 'miniflare';
import {
  LOOPBACK,
  type MiniflareRun,
  reservePort,
  startMiniflare,
  type WorkerOptions,
} from '../../src/dev/index.ts';
import { buildWorker } from './worker-build.ts';

export interface LocalWorker {
  /** Not 0: a Worker reads its own URL from its variables. See `reservePort`. */
  readonly port: number;
  /** Variables and secrets, by the names in the Worker's wrangler.toml. */
  readonly vars: Readonly<Record<string, string>>;
  /** For a measurement: the bindings of wrangler.toml count too few requests a minute. */
  readonly withoutRateBindings?: true;
  /** The Worker's entry file, if not the one that its configuration names. */
  readonly entryFile?: string;
}

export interface LocalRuntime {
  readonly issuerUrl: string;
  readonly gatewayUrl: string;
  readonly close: () => Promise<void>;
}

const PROJECT = resolve(import.meta.dirname, '../..');
const CONFIGS = {
  issuer: join(PROJECT, 'wrangler.toml'),
  gateway: join(PROJECT, 'workers/gateway/wrangler.toml'),
} as const;

export async function startRuntime(
  options: MiniflareRun & { readonly issuer: LocalWorker; readonly gateway: LocalWorker },
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
    const runtime = await startMiniflare(miniflare, workers, options);
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
  { port, vars, withoutRateBindings, entryFile }: LocalWorker,
  outFolder: string,
): Promise<WorkerOptions> {
  const { ratelimits, ...built } = await buildWorker(CONFIGS[name], outFolder, entryFile);
  return {
    ...built,
    ...(ratelimits && !withoutRateBindings && { ratelimits }),
    name,
    bindings: { ...built.bindings, ...vars },
    // The Worker's own socket: requests arrive unchanged, without Miniflare's entry in front.
    unsafeDirectSockets: [{ host: LOOPBACK, port }],
  };
}
