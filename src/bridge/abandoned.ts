import { readdir, rm, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { readClock } from '../clock.ts';
import { isCode } from '../durable-file.ts';

export const RUN_PREFIX = 'r-';
export const SOCKET_NAME = 'bridge.sock';

const STARTING_MILLISECONDS_MAX = 60 * 60_000; // A run makes its folder before its socket.

/**
 * Removes the folders of runs that were killed, which could not remove them. A folder is abandoned
 * if no one listens on its socket. Folders of other users, and of runs that start, stay.
 */
export async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const folder = join(parent, name);
    if (!name.startsWith(RUN_PREFIX) || !(await isAbandoned(folder))) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  const error = await new Promise<Error | undefined>((resolve) => {
    const socket = createConnection(join(folder, SOCKET_NAME));
    socket.once('error', resolve).once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
  if (isCode(error, 'ECONNREFUSED')) return true;
  if (!isCode(error, 'ENOENT')) return false;
  const made = await stat(folder).catch(() => undefined);
  return made?.isDirectory() === true && readClock() - made.mtimeMs > STARTING_MILLISECONDS_MAX;
}
