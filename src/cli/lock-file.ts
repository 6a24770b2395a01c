import { rmSync } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { targetOf } from '../durable-file.ts';
import { type Result, refuse } from '../result.ts';

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `change` while no other process does: two that read and replace a file lose one change. The
 * lock of a process that is interrupted is removed too.
 */
export async function withLock<T>(
  file: string,
  change: () => Promise<Result<T, string>>,
): Promise<Result<T, string>> {
  let lock: string;
  try {
    // Beside the target of a link, so that two names of one file have one lock.
    lock = `${await targetOf(file)}.lock`;
  } catch (error) {
    return refuse((error as Error).message);
  }
  try {
    await (await open(lock, 'wx', 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return refuse((error as Error).message);
    return refuse(
      `${file} is locked. If no other process is changing it, delete ${lock} and try again.`,
    );
  }
  const remove = (): void => rmSync(lock, { force: true });
  const interrupted = (): void => process.exit(130);
  process.once('exit', remove);
  for (const signal of ENDING) process.once(signal, interrupted);
  try {
    return await change();
  } finally {
    for (const signal of ENDING) process.off(signal, interrupted);
    process.off('exit', remove);
    await unlink(lock);
  }
}
