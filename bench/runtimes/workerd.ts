/** workerd itself, without tools around it: one Worker bundled by esbuild, one process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { build, type Plugin } from 'esbuild';
import { cpuMicroseconds } from './cpu.ts';

const COMPATIBILITY_DATE = '2026-11-17';
const START_MILLISECONDS_MAX = 10_000;

// The workerd of miniflare, which the tests and `npm start` run.
const requireBeside = createRequire(createRequire(import.meta.url).resolve('miniflare'));
export const workerdVersion = (): string => requireBeside('workerd/package.json').version;

/** A folder with a Worker's modules and its configuration. */
export type WorkerFolder = { readonly path: string; readonly remove: () => Promise<void> };

/** Durable Objects of a Worker by their bindings, kept on disk next to it, and its variables. */
export interface WorkerState {
  readonly objects: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
}

export async function bundleWorker(
  entry: string,
  define: Readonly<Record<string, string>> = {},
  state?: WorkerState,
  replaced: Readonly<Record<string, string>> = {},
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
    loader: { '.wasm': 'copy', '.datalog': 'text', '.toml': 'text' },
    external: ['cloudflare:*', 'node:*'],
    define: { ...define },
    plugins: [replacing(replaced)],
    logLevel: 'error',
  });
  const files = await readdir(path);
  // The first module is the Worker.
  const names = ['main.js', ...files.filter((name) => name !== 'main.js')];
  await mkdir(join(path, STATE));
  await writeFile(join(path, 'config.capnp'), configuration(names, state, join(path, STATE)));
  return { path, remove: () => rm(path, { recursive: true }) };
}

/** Other modules instead of those whose paths end like this. */
const replacing = (replaced: Readonly<Record<string, string>>): Plugin => ({
  name: 'replacing',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\.ts$/ }, ({ path }) => {
      const [, by] = Object.entries(replaced).find(([end]) => path.endsWith(end)) ?? [];
      return by === undefined ? undefined : { path: by };
    });
  },
});

/** A separate folder, so that only modules are in it at the start. */
const STATE = 'state';

const configuration = (
  files: readonly string[],
  state: WorkerState | undefined,
  stateFolder: string,
): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "state", disk = (path = "${stateFolder}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
  # So that the heap can be read without its garbage; it changes nothing else.
  v8Flags = ["--expose-gc"],
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
  ${state ? statefulPart(state) : ''}
);
`;

const statefulPart = ({ objects, vars }: WorkerState): string => `
  bindings = [${[
    ...Object.entries(objects).map(
      ([name, kind]) => `(name = "${name}", durableObjectNamespace = "${kind}")`,
    ),
    ...Object.entries(vars).map(([name, text]) => `(name = "${name}", text = ${capnpText(text)})`),
  ].join(', ')}],
  durableObjectNamespaces = [${Object.values(objects)
    .map((kind) => `(className = "${kind}", uniqueKey = "${kind}", enableSql = true)`)
    .join(', ')}],
  durableObjectStorage = (localDisk = "state"),
`;

/** JSON's escapes are also Cap'n Proto's, for text without control characters. */
const capnpText = (text: string): string => JSON.stringify(text);

export type Workerd = {
  readonly url: string;
  /** CPU time of all threads of the process so far, in microseconds. */
  readonly cpuMicroseconds: () => Promise<number>;
  /** The address of its inspector. */
  readonly inspectorPort: number;
  readonly stop: () => Promise<void>;
};

export async function startWorkerd({ path }: WorkerFolder): Promise<Workerd> {
  const program: string = requireBeside('workerd').default;
  const config = join(path, 'config.capnp');
  const args = ['serve', config, '--control-fd=3', '--inspector-addr=127.0.0.1:0'];
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
  const { pid } = child;
  if (pid === undefined) throw new Error('workerd did not start');
  const stop = () => stopped(child);
  try {
    const { http, inspector } = await listeningPorts(child);
    return {
      url: `http://127.0.0.1:${http}/`,
      cpuMicroseconds: () => cpuMicroseconds(pid),
      inspectorPort: inspector,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** workerd prints its addresses to its control descriptor, one JSON object per line. */
async function listeningPorts(child: ChildProcess) {
  const control = child.stdio[3] as Readable;
  const signal = AbortSignal.timeout(START_MILLISECONDS_MAX);
  let text = '';
  for (;;) {
    const http = portOf(text, 'listen');
    const inspector = portOf(text, 'listen-inspector');
    if (http !== undefined && inspector !== undefined) return { http, inspector };
    const [chunk] = await once(control, 'data', { signal });
    text += String(chunk);
  }
}

const portOf = (text: string, event: string): number | undefined =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { readonly event: string; readonly port: number })
    .find((line) => line.event === event)?.port;

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
