import { randomUUID } from 'node:crypto';
import { link, lstat, open, readlink, realpath, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Writes files that are complete or absent, even if the disk is full, the power fails or two
 * processes start at once. Node only.
 */

/** The number of symbolic links that Linux follows. */
const LINKS_MAX = 40;

/**
 * Returns the file that a path leads to, whether it exists or not. Keys are often links into a
 * mounted secret or a checkout of dotfiles; a rename over the link would leave the real file
 * unchanged.
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

/**
 * Replaces the file that the path leads to. On a failure the old file stays, and no draft is left.
 */
export async function replaceFile(
  file: string,
  content: Uint8Array | string,
  mode: number,
): Promise<void> {
  const target = await targetOf(file);
  await withDraft(target, content, mode, (draft) => rename(draft, target));
}

/**
 * Creates the file if it does not exist. Returns whether this call created it; of several
 * concurrent calls, one does.
 */
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

/** Makes the file's name durable: syncing a file does not sync its folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems cannot sync a folder; the file itself is synced.
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
