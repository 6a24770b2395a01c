import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readClock } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { BuiltServer } from './build.ts';
import { RESTORING_FILE, type StateLock } from './lock.ts';
import { findUnusablePort } from './ports.ts';

export interface StartOptions {
  readonly server: BuiltServer;
  readonly host: string;
  readonly stateFolder: string;
  /** The lock of the state folder, which workerd gets. */
  readonly lock: StateLock;
  /** The secrets, as environment variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Ends the server. Requests in flight are answered first. */
  readonly signal: AbortSignal;
}

export interface RunningServer {
  /** Where this machine reaches each Worker, by role. */
  readonly urls: ReadonlyMap<string, string>;
  /** Resolves with the exit code once the server has ended. */
  readonly ended: Promise<number>;
}

const READY_MILLISECONDS_MAX = 60_000;
const POLL_MILLISECONDS = 50;

/**
 * Starts workerd, and resolves once every Worker answers. It prints JSON lines to standard output.
 */
export async function startServer(options: StartOptions): Promise<Result<RunningServer, string>> {
  const { server, host, stateFolder, lock, variables, signal } = options;
  const isPartial = await access(join(stateFolder, RESTORING_FILE)).then(
    () => true,
    () => false,
  );
  if (isPartial) return refuse(`a restore into ${stateFolder} did not end. Run it again.`);
  const unusable = await findUnusablePort(host, server.ports);
  if (unusable !== undefined) return refuse(unusable);
  const [program, args] = await lock.handTo(server.workerd, ['serve', server.config]);
  const child = spawn(program, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    // Its own process group: Ctrl-C in a terminal reaches this process, which ends workerd once.
    detached: true,
    env: { ...process.env, ...variables },
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  // A process that ends early does not leave its server behind.
  process.once('exit', stop);
  const ended = exitOf(child).finally(() => {
    signal.removeEventListener('abort', stop);
    process.off('exit', stop);
  });
  if (signal.aborted) stop();
  const urls = new Map([...server.ports].map(([role, port]) => [role, localUrl(host, port)]));
  const ready = await Promise.race([answers([...urls.values()], signal), ended]);
  if (ready === true || signal.aborted) return ok({ urls, ended });
  stop();
  await ended;
  return refuse(
    ready === false
      ? `the Workers did not answer within ${READY_MILLISECONDS_MAX / 1000} s`
      : `workerd ended with exit code ${ready}; its message is above`,
  );
}

/** SIGTERM is how it is meant to end, so that is no failure. */
async function exitOf(child: ChildProcess): Promise<number> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? (signal === 'SIGTERM' ? 0 : 1);
}

const localUrl = (host: string, port: number): string =>
  `http://${host === '*' || host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host}:${port}`;

async function answers(urls: readonly string[], signal: AbortSignal): Promise<boolean> {
  const until = readClock() + READY_MILLISECONDS_MAX;
  for (const url of urls) {
    while (!(await isAlive(url))) {
      if (signal.aborted || readClock() > until) return false;
      await sleep(POLL_MILLISECONDS);
    }
  }
  return true;
}

const isAlive = (url: string): Promise<boolean> =>
  fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
