import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import nodeModule from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type BundledWorkers, bundleWorkers, findWrangler, importBeside } from '../bundle/index.ts';
import type { Environment } from '../deployment/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { serverConfig } from './config.ts';
import { choosePorts } from './ports.ts';

export interface BuildOptions {
  /** The folder of `hewn.toml`. */
  readonly folder: string;
  readonly environment: Environment;
  readonly stateFolder: string;
  readonly host: string;
  /** Changes to the ports of `[serve]`, by role. */
  readonly ports?: ReadonlyMap<string, number>;
}

export interface BuiltServer {
  readonly workers: BundledWorkers;
  /** The configuration file. */
  readonly config: string;
  /** The program of workerd. */
  readonly workerd: string;
  readonly ports: ReadonlyMap<string, number>;
}

/** Workers are bundled before their keys are known: gateways get this key from the environment. */
const UNKNOWN_KEY = '0'.repeat(64);

/** Bundles the Workers of an environment and writes the configuration that workerd runs them by. */
export async function buildServer(options: BuildOptions): Promise<Result<BuiltServer, string>> {
  const { environment, stateFolder, host } = options;
  const folder = resolve(options.folder);
  if (environment.serve.sourceHeader === undefined) {
    return refuse(
      'hewn.toml has no sourceHeader in [serve]. Write the header in which your reverse proxy puts the source address, such as sourceHeader = "x-real-ip", or sourceHeader = "none" if there is no proxy.',
    );
  }
  const ports = choosePorts(environment, options.ports);
  if (!ports.ok) return ports;
  const workerd = await findWorkerd(folder);
  if (!workerd.ok) return workerd;
  const outFolder = join(folder, '.hewn', environment.name, 'serve');
  const workers = await bundleWorkers({
    folder,
    environment,
    outFolder: join(outFolder, 'workers'),
    feedPublicKey: environment.issuer.feedPublicKey ?? UNKNOWN_KEY,
  });
  if (!workers.ok) return refuse(workers.error.message);
  const config = join(outFolder, 'workerd.capnp');
  await mkdir(outFolder, { recursive: true });
  const text = serverConfig({
    workers: workers.value,
    environment,
    folder: outFolder,
    stateFolder,
    host,
    ports: ports.value,
    cacheSource: await readCacheSource(),
  });
  await writeFile(config, text);
  return ok({ workers: workers.value, config, workerd: workerd.value, ports: ports.value });
}

/** The cache service is a module of its own, in TypeScript until the package is built. */
async function readCacheSource(): Promise<string> {
  const isBuilt = import.meta.url.endsWith('.js');
  const file = join(import.meta.dirname, `cache.${isBuilt ? 'js' : 'ts'}`);
  const text = await readFile(file, 'utf8');
  return isBuilt
    ? text.replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n')
    : // As a member: older Nodes run the built files, and lack the export.
      nodeModule.stripTypeScriptTypes(text);
}

/** wrangler brings workerd along. */
async function findWorkerd(folder: string): Promise<Result<string, string>> {
  const wrangler = await findWrangler(folder);
  if (!wrangler.ok) return refuse(wrangler.error.message);
  const { default: workerd } = (await importBeside(wrangler.value, 'workerd')) as {
    readonly default: string | { readonly default: string };
  };
  return ok(typeof workerd === 'string' ? workerd : workerd.default);
}

/** Compiles a configuration into one program. It needs no Node, and the C library alone. */
export async function compileServer(
  { workerd, config }: BuiltServer,
  outFile: string,
): Promise<Result<null, string>> {
  try {
    await mkdir(dirname(outFile), { recursive: true });
    const { stdout } = await promisify(execFile)(workerd, ['compile', config], {
      encoding: 'buffer',
      maxBuffer: PROGRAM_BYTES_MAX,
    });
    await writeFile(outFile, stdout, { mode: 0o755 });
    return ok(null);
  } catch (error) {
    const { stderr } = error as { readonly stderr?: Buffer };
    return refuse(`workerd does not compile ${config}:\n${stderr ?? (error as Error).message}`);
  }
}

/** A program has 170 MB, of which workerd itself is most. */
const PROGRAM_BYTES_MAX = 1024 * 1024 * 1024;
