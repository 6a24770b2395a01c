import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Editors write a file in several steps. */
const SETTLE_MILLISECONDS = 50;
/** A deployment has a dozen. More are a wrong folder, such as a home directory. */
const FOLDERS_MAX = 500;

/**
 * Calls `onChange` after files in the folders or below have changed, once for changes that come
 * together. Calls do not overlap: a change during one leads to one more. Returns how to end it.
 *
 * Watches each folder by itself: the recursive watch of Node loses a file that was replaced by a
 * rename, which is how most editors save.
 */
export async function watchFolders(
  roots: readonly string[],
  options: {
    /** Of the name of a file. */
    readonly isOfInterest: (name: string) => boolean;
    readonly onChange: () => Promise<void>;
  },
): Promise<() => Promise<void>> {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  let isClosed = false;
  const add = (folder: string): void => {
    if (watchers.has(folder) || isClosed) return;
    const watcher = open(folder, (name) => {
      const isFolder = name !== null && !name.includes('.');
      if (name === null || (!isFolder && !options.isOfInterest(name))) return;
      clearTimeout(timer);
      timer = setTimeout(settle, SETTLE_MILLISECONDS);
    });
    if (watcher === undefined) return;
    const forget = () => {
      watcher.close();
      watchers.delete(folder);
    };
    watchers.set(folder, watcher.on('error', forget));
  };
  const addAll = async (): Promise<void> => {
    for (const folder of await foldersBelow(roots)) add(folder);
  };
  const settle = (): void => {
    working = working.then(async () => {
      if (isClosed) return;
      await addAll();
      await options.onChange();
    });
  };
  await addAll();
  return async () => {
    isClosed = true;
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
    await working;
  };
}

function open(folder: string, onEvent: (name: string | null) => void): FSWatcher | undefined {
  try {
    return watch(folder, (_, name) => onEvent(name));
  } catch {
    return undefined; // It was deleted in the meantime.
  }
}

/** Lists the folders with everything below, without hidden ones and installed packages. */
async function foldersBelow(roots: readonly string[]): Promise<readonly string[]> {
  const found = [...roots];
  for (let next = 0; next < found.length && found.length < FOLDERS_MAX; next++) {
    const folder = found[next] ?? '';
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const { name } = entry;
      const isOwn = entry.isDirectory() && !name.startsWith('.') && name !== 'node_modules';
      if (isOwn) found.push(join(folder, name));
    }
  }
  return found.slice(0, FOLDERS_MAX);
}
