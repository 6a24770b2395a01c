import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readFolderVersion } from '../../../src/version-files/index.ts';

const PLACES = { policy: 'policy', catalogue: 'catalogue/tools.toml' };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-version-'));
  await mkdir(join(folder, 'policy'));
  await mkdir(join(folder, 'catalogue'));
  await writeFile(join(folder, 'policy/b.datalog'), 'b');
  await writeFile(join(folder, 'policy/a.datalog'), 'a');
  await writeFile(join(folder, 'catalogue/tools.toml'), '# tools');
});
afterEach(() => rm(folder, { recursive: true }));

const why = async (places = PLACES) => {
  const read = await readFolderVersion(folder, places);
  return read.ok ? 'read' : read.error;
};

test('names the files by their paths in the folder, wherever that is', async () => {
  const version = {
    policy: { 'policy/a.datalog': 'a', 'policy/b.datalog': 'b' },
    catalogue: '# tools',
  };
  expect(await readFolderVersion(folder, PLACES)).toEqual({ ok: true, value: version });
  await mkdir(join(folder, 'deep'));
  const dotted = { policy: './policy/', catalogue: './catalogue/tools.toml' };
  expect(await readFolderVersion(folder, dotted)).toEqual({ ok: true, value: version });
  const above = { policy: '../policy', catalogue: '../catalogue/tools.toml' };
  expect(await readFolderVersion(join(folder, 'deep'), above)).toEqual({
    ok: true,
    value: version,
  });
});

test('refuses a policy file that would be ignored, and files that cannot be read', async () => {
  await mkdir(join(folder, 'policy/more'));
  await writeFile(join(folder, 'policy/more/c.datalog'), 'c');
  expect(await why()).toContain('policy/more/c.datalog would be skipped');
  expect(await why({ ...PLACES, policy: 'none' })).toBe('none does not exist');
  await rm(join(folder, 'policy/more'), { recursive: true });
  expect(await why({ ...PLACES, catalogue: 'none.toml' })).toBe('none.toml does not exist');
  await writeFile(join(folder, 'catalogue/tools.toml'), Uint8Array.of(0xff));
  expect(await why()).toContain('UTF-8');
});
