/** workerd itself, without a tool around it: one Worker bundled by esbuild, one process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';

const COMPATIBILITY_DATE = '2026-11-17';
const START_MILLISECONDS_MAX = 10_000;

// The workerd that miniflare brings is the one that the tests and `npm start` run.
const requireBeside = createRequire(createRequire(import.meta.url).resolve('miniflare'));
export const workerdVersion = (): string => requireBeside('workerd/package.json').version;

/** A folder with a Worker's modules and its configuration. */
export type WorkerFolder = { readonly path: string; readonly remove: () => Promise<void> };

export async function bundleWorker(
  entry: string,
  define: Readonly<Record<string, string>> = {},
): Promise<WorkerFolder> {
  const path = await mkdtemp(join(tmpdir(), 'hewn-bench-'));
  await build({
    entryPoints: { main: entry },
    outdir: path,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    loader: { '.wasm': 'copy' },
    external: ['cloudflare:*', 'node:*'],
    define: { ...define },
    logLevel: 'error',
  });
  const files = await readdir(path);
  // The first module is the Worker.
  const names = ['main.js', ...files.filter((name) => name !== 'main.js')];
  await writeFile(join(path, 'config.capnp'), configuration(names));
  return { path, remove: () => rm(path, { recursive: true }) };
}

const configuration = (files: readonly string[]): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [${files
    .map((file) => {
      const kind = extname(file) === '.wasm' ? 'wasm' : 'esModule';
      return `(name = "${basename(file)}", ${kind} = embed "${file}")`;
    })
    .join(', ')}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  # The reference runs in arenas that are dropped whole: no finalizer may outlive one.
  compatibilityFlags = ["disable_weak_ref"],
);
`;

export type Workerd = {
  readonly url: string;
  /** CPU time of all threads of the process so far, in microseconds. */
  readonly cpuMicroseconds: () => Promise<number>;
  /** Memory of the process that is in RAM. */
  readonly residentBytes: () => Promise<number>;
  readonly stop: () => Promise<void>;
};

export async function startWorkerd({ path }: WorkerFolder): Promise<Workerd> {
  const program: string = requireBeside('workerd').default;
  const args = ['serve', join(path, 'config.capnp'), '--control-fd=3'];
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  const { pid } = child;
  if (pid === undefined) throw new Error('workerd did not start');
  const stop = () => stopped(child);
  try {
    const port = await listeningPort(child);
    return {
      url: `http://127.0.0.1:${port}/`,
      cpuMicroseconds: () => cpuMicroseconds(pid),
      residentBytes: () => residentBytes(pid),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** workerd tells its control descriptor, a JSON object a line, where it listens. */
async function listeningPort(child: ChildProcess): Promise<number> {
  const control = child.stdio[3] as Readable;
  const timeout = AbortSignal.timeout(START_MILLISECONDS_MAX);
  let text = '';
  while (!text.includes('\n')) {
    const [chunk] = await once(control, 'data', { signal: timeout });
    text += String(chunk);
  }
  const { port } = JSON.parse(text.slice(0, text.indexOf('\n'))) as { readonly port: number };
  return port;
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** `/proc/<pid>/task/<tid>/schedstat` begins with the nanoseconds that a thread ran. */
async function cpuMicroseconds(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`);
  let nanoseconds = 0;
  for (const task of tasks) {
    const [ran] = (await readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8')).split(' ');
    nanoseconds += Number(ran);
  }
  return nanoseconds / 1_000;
}

async function residentBytes(pid: number): Promise<number> {
  const [kilobytes = '0'] =
    /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.slice(1) ?? [];
  return Number(kilobytes) * 1_024;
}
