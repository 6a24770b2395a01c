import { open, unlink } from 'node:fs/promises';
import { targetOf } from '../durable-file.ts';
import { type Result, refuse } from '../result.ts';

/** Reads, changes and replaces a file, one process at a time: two at once would lose a change. */
export async function withLock<T>(
  file: string,
  change: () => Promise<Result<T, string>>,
): Promise<Result<T, string>> {
  let lock: string;
  try {
    // Beside what the name leads to: two names of one file have one lock.
    lock = `${await targetOf(file)}.lock`;
  } catch (error) {
    return refuse((error as Error).message);
  }
  try {
    await (await open(lock, 'wx', 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return refuse((error as Error).message);
    return refuse(`${file} is being changed. If nobody is, delete ${lock} and try again.`);
  }
  try {
    return await change();
  } finally {
    await unlink(lock);
  }
}
