import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { extname, join, parse, relative, resolve } from 'node:path';
import { type Environment, generateWrangler, type WranglerConfig } from '../deployment/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { findWrangler, runWrangler, type Wrangler, type WranglerError } from './wrangler-tool.ts';

export interface BundleOptions {
  /** The folder of `hewn.toml`. */
  readonly folder: string;
  readonly environment: Environment;
  /** Emptied first. Gets `<worker>/wrangler.json` and `<worker>/out`. */
  readonly outFolder: string;
  /** The public feed key, where the file does not state it. */
  readonly feedPublicKey?: string;
}

/** One module of a bundled Worker. */
export interface BundledModule {
  /** The specifier by which the entry imports it. */
  readonly name: string;
  readonly type: 'ESModule' | 'Text' | 'Data' | 'CompiledWasm';
  /** The file, as an absolute path. */
  readonly path: string;
}

export interface BundledWorker {
  /** `issuer`, or the name of a gateway in `hewn.toml`. */
  readonly role: string;
  /** The generated configuration. It has the names of secrets, and no value of one. */
  readonly config: WranglerConfig;
  readonly configPath: string;
  /** Contains the files of the modules. */
  readonly outFolder: string;
  /** The entry comes first. */
  readonly modules: readonly BundledModule[];
}

export interface BundledWorkers {
  readonly issuer: BundledWorker;
  /** In the order of the file. */
  readonly gateways: readonly BundledWorker[];
}

export interface BundleError {
  readonly code: WranglerError['code'] | 'feed_public_key_missing' | 'build_failed';
  /** For a person. What wrangler printed is a part of it. */
  readonly message: string;
}

/**
 * Generates the wrangler configuration of each Worker of one environment and bundles the Worker
 * through `wrangler deploy --dry-run`, which uploads nothing and needs no network. So the bundle is
 * what a deployment gets. A warning of wrangler is an error: it exits with 0 for a configuration
 * that it does not understand.
 */
export async function bundleWorkers(
  options: BundleOptions,
): Promise<Result<BundledWorkers, BundleError>> {
  const folder = resolve(options.folder);
  const outFolder = resolve(options.outFolder);
  const wrangler = await findWrangler(folder);
  if (!wrangler.ok) return wrangler;
  const { environment, feedPublicKey } = options;
  const generated = generateWrangler(environment, {
    root: relative(join(outFolder, 'worker'), folder).replaceAll('\\', '/') || '.',
    ...(feedPublicKey !== undefined && { feedPublicKey }),
  });
  if (!generated.ok) {
    const message = `the environment "${environment.name}" has no feedPublicKey and no keys yet`;
    return refuse({ code: generated.error.code, message });
  }
  await rm(outFolder, { recursive: true, force: true });
  const bundle = (role: string, config: WranglerConfig) =>
    bundleWorker(wrangler.value, { role, config, folder: join(outFolder, role), root: folder });
  const { issuer, gateways } = generated.value;
  const [first, ...others] = await Promise.all([
    bundle('issuer', issuer),
    ...gateways.map((config, index) => bundle(environment.gateways[index]?.name ?? '', config)),
  ]);
  if (!first.ok) return first;
  const bundled: BundledWorker[] = [];
  for (const other of others) {
    if (!other.ok) return other;
    bundled.push(other.value);
  }
  return ok({ issuer: first.value, gateways: bundled });
}

async function bundleWorker(
  wrangler: Wrangler,
  worker: {
    readonly role: string;
    readonly config: WranglerConfig;
    readonly folder: string;
    /** The folder of the deployment, in whose terms a person reads what is wrong. */
    readonly root: string;
  },
): Promise<Result<BundledWorker, BundleError>> {
  const { role, config, folder, root } = worker;
  const configPath = join(folder, 'wrangler.json');
  const out = join(folder, 'out');
  await mkdir(folder, { recursive: true });
  await writeFile(configPath, `${JSON.stringify(config, null, 2)}\n`);
  const args = ['deploy', '--dry-run', '--outdir', out, '--config', configPath];
  const printed = await runWrangler(wrangler, args, { cwd: folder });
  const failed = (why: string): Result<never, BundleError> => {
    const message = `the Worker "${role}" (${config.main}) does not build:\n${why}`;
    const prefix = `${relative(folder, root).replaceAll('\\', '/')}/`;
    return refuse({ code: 'build_failed', message: message.replaceAll(prefix, '') });
  };
  if (!printed.ok) return failed(printed.error);
  if (/\[(?:WARNING|ERROR)\]/.test(printed.value)) return failed(printed.value.trim());
  const modules = await modulesIn(out, `${parse(String(config.main)).name}.js`);
  if (!modules.ok) return failed(modules.error);
  return ok({ role, config, configPath, outFolder: out, modules: modules.value });
}

/** What wrangler makes of a file, by its default rules and the rule of the generated files. */
const MODULE_TYPES: Readonly<Record<string, BundledModule['type'] | 'none'>> = {
  '.js': 'ESModule',
  '.mjs': 'ESModule',
  '.wasm': 'CompiledWasm',
  '.datalog': 'Text',
  '.toml': 'Text',
  '.txt': 'Text',
  '.html': 'Text',
  '.sql': 'Text',
  '.bin': 'Data',
  '.map': 'none',
  '.md': 'none', // wrangler's own README.md
};

async function modulesIn(
  folder: string,
  entry: string,
): Promise<Result<readonly BundledModule[], string>> {
  const modules: BundledModule[] = [];
  const names = (await readdir(folder)).sort();
  if (!names.includes(entry)) return refuse(`wrangler wrote no ${entry}`);
  for (const name of names) {
    const type = MODULE_TYPES[extname(name)];
    const path = join(folder, name);
    if (type === undefined) return refuse(`a module of an unknown type: ${name}`);
    if (name === entry) modules.unshift({ name, type: 'ESModule', path });
    else if (type !== 'none') modules.push({ name, type, path });
  }
  return ok(modules);
}
