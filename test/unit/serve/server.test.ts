import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RESTORING_FILE } from '../../../src/serve/index.ts';
import { startServer } from '../../../src/serve/server.ts';

test('no server starts on a state folder that a restore left half done', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hewn-server-'));
  await writeFile(join(folder, RESTORING_FILE), '');
  const lock = {
    release: async () => undefined,
    handTo: async () => ['false', []] as const,
  };
  const started = await startServer({
    server: { workers: {} as never, config: '', workerd: '', ports: new Map() },
    host: '127.0.0.1',
    stateFolder: folder,
    lock,
    variables: {},
    signal: new AbortController().signal,
  });
  expect(started).toEqual({ ok: false, error: expect.stringContaining('did not end') });
  await rm(folder, { recursive: true });
});
