import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isCredential } from './environment.ts';

/** Names the file with the credentials of a process that has started itself again. */
const HELD = 'HEWN_RUN_HELD';

/**
 * Starts this process again, as the same process, if it was started with credentials in its
 * environment: any program of the same user, and so the agent, could read them in `/proc`. They
 * return to `process.env`, which is then in memory only. Returns false if Node cannot do that (it
 * is older than 22.15, or on Windows), so that the caller can say so.
 *
 * Call it before anything is opened. It does not return if the process starts again.
 */
export function hideCredentials(sources: readonly string[]): boolean {
  restore();
  const initial = initialEnvironment();
  const names = Object.keys(process.env).filter(
    (name) => initial.has(name) && (sources.includes(name) || isCredential(name)),
  );
  if (names.length === 0) return true;
  const { execve } = process as { readonly execve?: Execve };
  if (process.platform !== 'linux' || execve === undefined) return false;
  const folder = mkdtempSync(join(process.env.XDG_RUNTIME_DIR ?? tmpdir(), 'hewn-'));
  chmodSync(folder, 0o700);
  const file = join(folder, 'held');
  const held = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  writeFileSync(file, JSON.stringify(held), { mode: 0o600 });
  const kept = Object.entries(process.env).filter(([name]) => !names.includes(name));
  const { execPath, execArgv, argv } = process;
  execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], {
    ...(Object.fromEntries(kept) as Record<string, string>),
    [HELD]: file,
  });
  return false;
}

type Execve = (file: string, args: readonly string[], env: Record<string, string>) => void;

/** Takes back what the process held before it started again. The file is gone at once. */
function restore(): void {
  const file = process.env[HELD];
  if (file === undefined) return;
  delete process.env[HELD];
  try {
    Object.assign(process.env, JSON.parse(readFileSync(file, 'utf8')));
  } finally {
    rmSync(dirname(file), { recursive: true, force: true });
  }
}

/** The names of the variables that others can see. */
function initialEnvironment(): ReadonlySet<string> {
  try {
    const text = readFileSync('/proc/self/environ', 'utf8');
    return new Set(text.split('\0').map((entry) => entry.split('=', 1)[0] ?? ''));
  } catch {
    return new Set(Object.keys(process.env));
  }
}
