import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SUITE_MILLISECONDS_MAX = 60_000;
const OUTPUT_BYTES_MAX = 64 * 2 ** 20;
const run = promisify(execFile);

/** The suites, each with its package in package.json and the arguments that choose its scenarios. */
export const SUITES = {
  '0.1.16 all': ['conformance-session', '--suite', 'all'],
  '0.2.0-alpha.12 2026-07-28': [
    'conformance-stateless',
    '--suite',
    'all',
    '--spec-version',
    '2026-07-28',
  ],
  // Without a revision: the session-based scenarios in the latest form, and the extensions.
  '0.2.0-alpha.12 all': ['conformance-stateless', '--suite', 'all'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type SuiteName = keyof typeof SUITES;

export const SUITE_NAMES = Object.keys(SUITES) as readonly SuiteName[];

export type Status = 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';

export interface Check {
  /** The scenario, the check, and its number if the scenario has several of that name. */
  readonly key: string;
  readonly status: Status;
  readonly error: string;
}

/** Runs a suite against a server and returns every check that it made. */
export async function runSuite(suite: SuiteName, url: string): Promise<readonly Check[]> {
  const [name, ...args] = SUITES[suite];
  const entry = join(import.meta.dirname, 'node_modules', name, 'dist/index.js');
  const folder = await mkdtemp(join(tmpdir(), 'hewn-conformance-'));
  try {
    // It exits with 1 if a check failed. What it did not get to in time has no checks.
    await run(process.execPath, [entry, 'server', '--url', url, ...args, '-o', folder], {
      timeout: SUITE_MILLISECONDS_MAX,
      maxBuffer: OUTPUT_BYTES_MAX,
      env: { ...process.env, NODE_OPTIONS: '' },
    }).catch((error: { killed?: boolean; code?: unknown }) => {
      if (!error.killed && error.code !== 1) throw error;
    });
    return await readChecks(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Written {
  readonly id: string;
  readonly status: Status;
  readonly errorMessage?: string;
}

/** One folder for each scenario, named after it and the time. */
async function readChecks(folder: string): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const scenario of (await readdir(folder)).sort()) {
    const text = await readFile(join(folder, scenario, 'checks.json'), 'utf8').catch(() => '[]');
    const seen = new Map<string, number>();
    for (const { id, status, errorMessage = '' } of JSON.parse(text) as readonly Written[]) {
      const name = scenario.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T.*$/, '');
      const number = (seen.get(id) ?? 0) + 1;
      seen.set(id, number);
      const key = `${name}: ${id}${number > 1 ? ` (${number})` : ''}`;
      checks.push({ key, status, error: errorMessage });
    }
  }
  return checks;
}
