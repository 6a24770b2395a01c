import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Returns whether a build is newer than everything it was made from.
 *
 * A folder's own time counts as well: it changes when one of its files is added, renamed or
 * removed.
 */
export async function isCurrent(built: string, inputs: readonly string[]): Promise<boolean> {
  const made = await stat(built).catch(() => undefined);
  if (!made) return false;
  const changed = await Promise.all(inputs.map(lastChange));
  return Math.max(...changed) < made.mtimeMs;
}

async function lastChange(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const names = await readdir(path);
  const below = await Promise.all(names.map((name) => lastChange(join(path, name))));
  return Math.max(found.mtimeMs, ...below);
}
