import { mkdir, readdir, rename, utimes } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeAbandoned, SOCKET_NAME } from '../../../src/bridge/abandoned.ts';
import { emptyFolder } from '../cli/scene.ts';

const listen = (path: string) =>
  new Promise<ReturnType<typeof createServer>>((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.listen(path, () => resolve(server));
  });

test('only the folders of runs that were killed are removed', async () => {
  await using parent = await emptyFolder();
  const old = new Date(Date.now() - 2 * 60 * 60_000);
  for (const name of ['r-alive', 'r-killed', 'r-starting', 'r-empty', 'other']) {
    await mkdir(parent.file(name));
  }
  await utimes(parent.file('r-empty'), old, old);
  const alive = await listen(join(parent.file('r-alive'), SOCKET_NAME));
  const killed = await listen(join(parent.path, 'killed.sock'));
  // Closing removes the path that it listened on, and so leaves the socket at its new one.
  await rename(join(parent.path, 'killed.sock'), join(parent.file('r-killed'), SOCKET_NAME));
  await new Promise((resolve) => killed.close(resolve));
  await removeAbandoned(parent.path);
  expect((await readdir(parent.path)).sort()).toEqual(['other', 'r-alive', 'r-starting']);
  await new Promise((resolve) => alive.close(resolve));
});
