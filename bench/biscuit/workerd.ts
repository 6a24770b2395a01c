/** Contestants in workerd itself: CPU from the kernel's schedule statistics, pinned to one core. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { MICROSECONDS_PER_NANOSECOND, type OpenRunner, PINNED } from './runner.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url).href);

const WASM = here('../../node_modules/@biscuit-auth/biscuit-wasm/module/biscuit_bg.wasm');
const WORKERD = here('../../node_modules/workerd/bin/workerd');

export const COMPATIBILITY_DATE = '2026-11-17';

export const workerConfig = (port: number, hasWasm: boolean): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    ${hasWasm ? '(name = "biscuit_bg.wasm", wasm = embed "biscuit_bg.wasm"),' : ''}
  ],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  ${hasWasm ? 'compatibilityFlags = ["disable_weak_ref"],' : ''}
);
`;

/** The worker's bundle and configuration in a folder of their own; the configuration's path. */
export async function bundleWorker(entry: string, port: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hewn-bench-'));
  const hasWasm = entry.includes('reference');
  await build({
    entryPoints: [here(entry)],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    outfile: join(folder, 'worker.js'),
    logLevel: 'error',
    plugins: [
      {
        name: 'wasm stays a module beside the worker',
        setup: ({ onResolve }) =>
          onResolve({ filter: /\.wasm$/ }, () => ({ path: './biscuit_bg.wasm', external: true })),
      },
    ],
  });
  if (hasWasm) copyFileSync(WASM, join(folder, 'biscuit_bg.wasm'));
  const path = join(folder, 'config.capnp');
  writeFileSync(path, workerConfig(port, hasWasm));
  return path;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export const spawnWorkerd = (configPath: string) =>
  spawn('taskset', [...PINNED, WORKERD, 'serve', configPath], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });

/** One connection for all requests; resolves with the status. */
export function fetchLocal(agent: Agent, port: number, path: string, body?: string) {
  return new Promise<number>((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request({ host: '127.0.0.1', port, path, method, agent }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

export async function whenListening(agent: Agent, port: number): Promise<void> {
  for (;;) {
    const status = await fetchLocal(agent, port, '/').catch(() => 0);
    if (status === 200) return;
    await new Promise((wait) => setTimeout(wait, 1));
  }
}

/** Nanoseconds on a CPU, over all threads of the process. */
export function cpuNanoseconds(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((task) =>
      Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    )
    .reduce((sum, value) => sum + value, 0);
}

export const openWorkerd: OpenRunner = async (contestant, fixture) => {
  const port = await freePort();
  const child = spawnWorkerd(await bundleWorker(`./worker-${contestant}.ts`, port));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (path: string, body?: string): Promise<number> => {
    const before = cpuNanoseconds(child.pid ?? 0);
    const status = await fetchLocal(agent, port, path, body);
    if (status !== 200) throw new Error(`${contestant}${path}: ${status}`);
    return cpuNanoseconds(child.pid ?? 0) - before;
  };
  await whenListening(agent, port);
  await ask('/fixture', JSON.stringify(fixture));
  return {
    measure: async (operation, iterations) => {
      const query = `operation=${operation}&iterations=${iterations}`;
      await ask(`/prepare?${query}`);
      const empty = await ask(`/run?operation=${operation}&iterations=0`);
      const spent = await ask(`/run?${query}`);
      return ((spent - empty) * MICROSECONDS_PER_NANOSECOND) / iterations;
    },
    close: async () => {
      agent.destroy();
      child.kill();
      await once(child, 'exit');
    },
  };
};
