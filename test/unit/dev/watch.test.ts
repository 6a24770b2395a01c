import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchFolders } from '../../../src/dev/watch.ts';

let folder: string;
let changes: number;
let end: () => Promise<void>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-watch-'));
  await mkdir(join(folder, 'policy'));
  await mkdir(join(folder, '.hewn'));
  changes = 0;
  end = await watchFolders([folder], {
    isOfInterest: (name) => name.endsWith('.datalog'),
    onChange: async () => {
      changes += 1;
    },
  });
});
afterEach(async () => {
  await end();
  await rm(folder, { recursive: true, force: true });
});

/** Saves as most editors do: a new file takes the place of the old one. */
async function save(path: string): Promise<void> {
  await writeFile(join(folder, `${path}.draft`), `${Math.random()}`);
  await rename(join(folder, `${path}.draft`), join(folder, path));
}

test('sees a file each time that an editor replaces it', async () => {
  for (const expected of [1, 2, 3]) {
    await save('policy/notes.datalog');
    await expect.poll(() => changes).toBe(expected);
  }
});

test('sees files of a folder that was made later', async () => {
  await mkdir(join(folder, 'policy/more'));
  await expect.poll(() => changes).toBeGreaterThan(0);
  const before = changes;
  await save('policy/more/other.datalog');
  await expect.poll(() => changes).toBeGreaterThan(before);
});

test('does not mind hidden folders and other files', async () => {
  await save('.hewn/state.datalog');
  await save('policy/readme.md');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(changes).toBe(0);
});
