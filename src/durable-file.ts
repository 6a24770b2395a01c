import { randomUUID } from 'node:crypto';
import { link, lstat, open, readlink, realpath, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Files that are there whole or not at all, also where the disk is full, the power is cut or two
 * processes start at once. For Node alone.
 */

/** Symbolic links that may lead to one another, as Linux has it. */
const LINKS_MAX = 40;

/**
 * The file that a path leads to, there or not. Keys are often links into a mounted secret or a
 * checkout of dotfiles: a rename over the link would leave the real file as it was.
 */
export async function targetOf(file: string): Promise<string> {
  let path = resolve(file);
  for (let links = 0; links <= LINKS_MAX; links++) {
    const entry = await lstat(path).catch(orMissing);
    if (!entry) return path;
    if (!entry.isSymbolicLink()) return realpath(path);
    path = resolve(dirname(path), await readlink(path));
  }
  throw Object.assign(new Error(`ELOOP: too many symbolic links, ${file}`), { code: 'ELOOP' });
}

/** Replaces what the path leads to. On a failure the file is as before, and no draft is left. */
export async function replaceFile(
  file: string,
  content: Uint8Array | string,
  mode: number,
): Promise<void> {
  const target = await targetOf(file);
  await withDraft(target, content, mode, (draft) => rename(draft, target));
}

/** Makes the file where there is none; true where this call made it, however many try at once. */
export async function createFile(
  file: string,
  content: Uint8Array | string,
  mode: number,
): Promise<boolean> {
  const target = await targetOf(file);
  return withDraft(target, content, mode, async (draft) => {
    try {
      await link(draft, target); // Unlike a rename, a link never replaces.
      return true;
    } catch (error) {
      if (isCode(error, 'EEXIST')) return false;
      throw error;
    }
  });
}

async function withDraft<T>(
  target: string,
  content: Uint8Array | string,
  mode: number,
  publish: (draft: string) => Promise<T>,
): Promise<T> {
  const draft = `${target}.${randomUUID()}`;
  try {
    const handle = await open(draft, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const published = await publish(draft);
    await syncFolder(dirname(target));
    return published;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The name is in the folder, and was not synced with the file. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems sync no folders; what was asked of the file itself is done.
    if (!isCode(error, 'EINVAL') && !isCode(error, 'EPERM')) throw error;
  } finally {
    await handle.close();
  }
}

export const isCode = (error: unknown, code: string): boolean =>
  (error as NodeJS.ErrnoException | undefined)?.code === code;

const orMissing = (error: unknown): undefined => {
  if (isCode(error, 'ENOENT')) return undefined;
  throw error;
};
