/** `npm run release` in a clone of this commit, up to the upload. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectFile } from '../unit/docs/markdown.ts';
import { emptyFolder, remove, runIn } from './consumer.ts';

const RELEASE_MILLISECONDS_MAX = 300_000;
const AUTHOR = ['-c', 'user.name=release', '-c', 'user.email=release@example.com'];
/** A registry that no one can reach: a dry run must not need it. */
const NOWHERE = 'http://127.0.0.1:9';

let folder: string;
beforeAll(async () => {
  folder = join(await emptyFolder(), 'clone');
  await runIn('.', 'git', ['clone', '--quiet', projectFile('.'), folder]);
});
afterAll(() => remove(join(folder, '..')));

const release = (...args: readonly string[]) =>
  runIn(folder, process.execPath, [
    ...['scripts/release.ts', '--repository', 'https://git.example/acme/hewn'],
    ...['--registry', NOWHERE, ...args],
  ]);

/** Writes what a person writes before a release: the date, and the state in both tables. */
async function makeReady(): Promise<void> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const minor = version.replace(/\.\d+$/, '.x');
  const replace = async (name: string, from: RegExp, to: string) => {
    const file = join(folder, name);
    await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
  };
  await replace('CHANGELOG.md', /^## (\S+), .+$/m, '## $1, 2026-12-31');
  await replace('docs/releases.md', /not released yet/, 'supported');
  await replace('SECURITY.md', /^\| \S+ \| yes \|$/m, `| ${minor} | yes |`);
  await runIn(folder, 'git', [...AUTHOR, 'commit', '--quiet', '--allow-empty', '-am', 'Ready']);
}

test('a commit that is not ready is refused, with everything that is missing', async () => {
  await writeFile(join(folder, 'left-over.txt'), '');
  await expect(release('--dry-run')).rejects.toThrow(/not committed/);
  await remove(join(folder, 'left-over.txt'));
});

test(
  'two clones give the same packages, byte for byte, and nothing is uploaded in a dry run',
  async () => {
    await makeReady();
    const printed = await release('--dry-run');
    const packed = printed.match(/^[0-9a-f]{64} {2}\d+ bytes, the same from both clones: .+$/gm);
    expect(packed?.map((line) => line.replace(/^.*: |-\d.*$/g, ''))).toEqual([
      'hewn',
      'create-hewn',
    ]);
    expect(printed).toContain('dry run: nothing was uploaded');
  },
  RELEASE_MILLISECONDS_MAX,
);

test('it publishes nothing without --publish', async () => {
  await expect(release()).rejects.toThrow('either --dry-run or --publish');
});
