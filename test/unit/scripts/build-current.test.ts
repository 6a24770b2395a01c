import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { isCurrent } from '../../../scripts/build/current.ts';
import { emptyFolder } from '../cli/scene.ts';

test('a build is current until an input changes, appears or disappears', async () => {
  await using folder = await emptyFolder();
  const [src, dist] = [folder.file('src'), folder.file('dist')];
  const at = (path: string, seconds: number) => utimes(path, seconds, seconds);
  expect(await isCurrent(dist, [src])).toBe(false);
  await mkdir(src);
  await mkdir(dist);
  await writeFile(folder.file('src/a.ts'), '');
  await at(folder.file('src/a.ts'), 100);
  await at(src, 100);
  await at(dist, 200);
  expect(await isCurrent(dist, [src])).toBe(true);
  await at(folder.file('src/a.ts'), 300);
  expect(await isCurrent(dist, [src])).toBe(false);
  await at(folder.file('src/a.ts'), 100);
  await rm(folder.file('src/a.ts'));
  expect(await isCurrent(dist, [src])).toBe(false);
});
