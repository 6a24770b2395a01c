import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';
import { ok, type Result, refuse } from '../result.ts';

/** An installed wrangler. It is an optional peer: a verifier or an agent does not need it. */
export interface Wrangler {
  readonly version: string;
  /** The path of its `package.json`. */
  readonly manifest: string;
  /** The script that Node runs. */
  readonly script: string;
}

export interface WranglerError {
  readonly code: 'node_too_old' | 'wrangler_missing' | 'wrangler_too_old';
  /** One line for a person: what is missing, and how to get it. */
  readonly message: string;
}

/** The oldest Node that runs wrangler. */
const NODE_MIN = [22, 12] as const;
/** The oldest wrangler that reads the generated configuration. */
const WRANGLER_MIN = [4, 164] as const;
/** The versions of wrangler that a project may install. */
export const WRANGLER_RANGE = `^${WRANGLER_MIN.join('.')}.0`;
const INSTALL = `npm i -D wrangler@${WRANGLER_RANGE}`;

const isAtLeast = (version: string, least: readonly [number, number]): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > least[0] || (major === least[0] && minor >= least[1]);
};

/** Whether a version of Node runs wrangler. */
export const runsWrangler = (nodeVersion: string): boolean => isAtLeast(nodeVersion, NODE_MIN);

/** Finds the wrangler of a project, or the one beside Hewn. Reads files only. */
export async function findWrangler(
  folder: string,
  nodeVersion: string = process.versions.node,
): Promise<Result<Wrangler, WranglerError>> {
  if (!runsWrangler(nodeVersion)) {
    const message = `this command runs wrangler, which needs Node ${NODE_MIN.join('.')} or newer. This is Node ${nodeVersion}.`;
    return refuse({ code: 'node_too_old', message });
  }
  const manifest = [join(resolve(folder), 'package.json'), import.meta.url]
    .map(wranglerManifest)
    .find((found) => found !== undefined);
  if (manifest === undefined) {
    const message = `this command needs wrangler, which is not installed. Install it: ${INSTALL}`;
    return refuse({ code: 'wrangler_missing', message });
  }
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const [major] = version.split('.').map(Number);
  if (major !== WRANGLER_MIN[0] || !isAtLeast(version, WRANGLER_MIN)) {
    const message = `wrangler ${version} is installed, and this version of Hewn needs another one. Install it: ${INSTALL}`;
    return refuse({ code: 'wrangler_too_old', message });
  }
  return ok({ version, manifest, script: join(dirname(manifest), 'bin', 'wrangler.js') });
}

function wranglerManifest(from: string): string | undefined {
  try {
    return createRequire(from).resolve('wrangler/package.json');
  } catch {
    return undefined;
  }
}

/**
 * Imports wrangler, or a package that wrangler brings along, such as miniflare. Only wrangler
 * itself is sure to find it: not every package manager puts it where this project could.
 */
export const importBeside = async (wrangler: Wrangler, name: string): Promise<unknown> =>
  import(pathToFileURL(createRequire(wrangler.manifest).resolve(name)).href);

/**
 * Keeps wrangler quiet and offline: no update check, no reports, no log file in the home directory.
 * The generated files have no environments, and one that the shell names would rename the Workers.
 */
const QUIET = {
  CLOUDFLARE_ENV: undefined,
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  NO_COLOR: '1',
  WRANGLER_HIDE_BANNER: 'true', // the banner contains the update check
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
};

const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const RUN_MILLISECONDS_MAX = 120_000;

/** Runs a command of wrangler. An error is everything that it printed, without colors. */
export async function runWrangler(
  wrangler: Wrangler,
  args: readonly string[],
  options: { readonly cwd: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<Result<string, string>> {
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [wrangler.script, ...args],
      {
        cwd: options.cwd,
        env: { ...process.env, ...QUIET, ...options.environment },
        maxBuffer: OUTPUT_BYTES_MAX,
        timeout: RUN_MILLISECONDS_MAX,
      },
    );
    return ok(stripVTControlCharacters(`${stdout}${stderr}`));
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      message,
    } = error as Error & {
      readonly stdout?: string;
      readonly stderr?: string;
    };
    return refuse(stripVTControlCharacters(`${stdout}${stderr}`).trim() || message);
  }
}
