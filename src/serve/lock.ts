import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Result, refuse } from '../result.ts';

/** In the state folder. The container locks the same file with the same tool. */
const LOCK_FILE = 'hewn.lock';

/** In the state folder while a restore puts its parts into place. */
export const RESTORING_FILE = 'hewn.restoring';

/** Our exit code of `flock` for a lock that is taken. */
const TAKEN = 75;
const FLOCK = ['--nonblock', '--conflict-exit-code', String(TAKEN)];

export interface StateLock {
  release(): Promise<void>;
  /**
   * Gives the lock to a program, and returns the command that runs it. The program then keeps the
   * lock even if this process is killed.
   */
  handTo(program: string, args: readonly string[]): Promise<readonly [string, readonly string[]]>;
}

/**
 * Takes the lock of a state folder, and creates the folder if it is missing. Two servers on one
 * folder would both start, and answer 500 to whatever both write. The lock is `flock` of a process
 * that ends with this one, so a crash frees it. A system without `flock(1)`, such as macOS, gets a
 * lock of SQLite, which only `hewn` itself honours.
 */
export async function lockState(folder: string): Promise<Result<StateLock, string>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, LOCK_FILE);
  const holder = spawn(
    'flock',
    [...FLOCK, file, 'sh', '-c', 'echo locked; cat'],
    // Its own process group: Ctrl-C in a terminal must not free the lock early.
    { stdio: ['pipe', 'pipe', 'ignore'], detached: true },
  );
  const settled = await Promise.race([
    once(holder.stdout, 'data').then(() => 'locked' as const),
    once(holder, 'exit').then(([code]) => Number(code)),
  ]).catch(() => 'no flock' as const);
  if (settled === 'no flock') return lockWithSqlite(file);
  if (settled === TAKEN) return refuse(takenMessage(folder));
  if (settled !== 'locked') return refuse(`cannot lock ${file}: flock exited with ${settled}`);
  const release = async () => {
    if (holder.exitCode !== null || holder.signalCode !== null) return;
    const ended = once(holder, 'exit');
    holder.stdin.end();
    await ended;
  };
  return ok({
    release,
    handTo: async (program, args) => {
      await release();
      return ['flock', [...FLOCK, '--no-fork', file, program, ...args]];
    },
  });
}

const takenMessage = (folder: string): string =>
  `another server runs on ${folder}. Two on one folder would damage each other's answers: ` +
  'stop the other one, or name another folder.';

async function lockWithSqlite(file: string): Promise<Result<StateLock, string>> {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE');
  } catch {
    database.close();
    return refuse(takenMessage(join(file, '..')));
  }
  return ok({
    release: async () => {
      if (database.isOpen) database.close();
    },
    handTo: async (program, args) => [program, args],
  });
}
