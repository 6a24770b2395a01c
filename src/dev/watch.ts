import { type FSWatcher, watch } from 'node:fs';

/** Editors write a file in several steps. */
const SETTLE_MILLISECONDS = 50;

/**
 * Calls `onChange` after files of the folders have changed, once for changes that come together.
 * Calls do not overlap: a change during one leads to one more. Returns how to end it.
 */
export function watchFolders(
  folders: readonly string[],
  options: {
    /** Of paths relative to one of the folders. */
    readonly isOfInterest: (path: string) => boolean;
    readonly onChange: () => Promise<void>;
  },
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> = Promise.resolve();
  let isClosed = false;
  const settle = () => {
    working = working.then(() => (isClosed ? undefined : options.onChange()));
  };
  const watchers = folders.map((folder): FSWatcher => {
    const watcher = watch(folder, { recursive: true }, (_, path) => {
      if (path === null || !options.isOfInterest(path)) return;
      clearTimeout(timer);
      timer = setTimeout(settle, SETTLE_MILLISECONDS);
    });
    // A folder that was deleted. Its files are reported as missing at the next change.
    return watcher.on('error', () => watcher.close());
  });
  return async () => {
    isClosed = true;
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
    await working;
  };
}
