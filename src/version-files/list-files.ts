import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ok, type Result, refuse } from '../result.ts';

/**
 * Lists the files, and the files of each folder that end in `ending`, in the order of their names.
 * Paths are relative to `cwd`. An error says why a path cannot be read, or which file would be
 * ignored.
 */
export async function listFiles(
  { cwd }: { readonly cwd: string },
  paths: readonly string[],
  ending: string,
): Promise<Result<readonly string[], string>> {
  const found: string[] = [];
  for (const path of paths) {
    try {
      const whole = resolve(cwd, path);
      if (!(await stat(whole)).isDirectory()) found.push(path);
      else {
        const entries = await readdir(whole, { withFileTypes: true });
        const skipped = await findSkipped(whole, entries, ending);
        if (skipped !== undefined) {
          return refuse(
            `${join(path, skipped)} would be skipped: files must end in ${ending} and be directly in the folder`,
          );
        }
        const names = entries
          .map(({ name }) => name)
          .filter((name) => name.endsWith(ending))
          .sort();
        if (names.length === 0) return refuse(`${path} contains no file that ends in ${ending}`);
        found.push(...names.map((name) => join(path, name)));
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return refuse(code === 'ENOENT' ? `${path} does not exist` : `cannot read ${path}: ${code}`);
    }
  }
  return ok(found);
}

/**
 * Finds a file that its author probably believes to be read, in a subfolder or with other letter
 * case: a `deny` in it would silently deny nothing.
 */
async function findSkipped(
  whole: string,
  entries: readonly Dirent[],
  ending: string,
): Promise<string | undefined> {
  const isLike = (name: string) => name.toLowerCase().endsWith(ending);
  for (const entry of entries) {
    const { name } = entry;
    if (isLike(name) && !name.endsWith(ending)) return name;
    if (!entry.isDirectory() || isLike(name)) continue;
    const inside = (await readdir(join(whole, name))).find(isLike);
    if (inside !== undefined) return join(name, inside);
  }
  return undefined;
}
