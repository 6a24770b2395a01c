import { open, unlink } from 'node:fs/promises';
import { type Result, refuse } from '../result.ts';

/** Reads, changes and replaces a file, one process at a time: two at once would lose a change. */
export async function withLock<T>(
  file: string,
  change: () => Promise<Result<T, string>>,
): Promise<Result<T, string>> {
  const lock = `${file}.lock`;
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
