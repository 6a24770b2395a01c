import { access, readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { PATH_FILES_MAX, PATHS } from '../../../scripts/docs/index.ts';
import { documents, projectFile, readProjectFile, tableRows } from './markdown.ts';

const page = await readProjectFile('docs/explanation/architecture.md');

test('the architecture page names every folder of src and workers', async () => {
  for (const root of ['src', 'workers']) {
    const entries = await readdir(projectFile(root), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory());
    const named = tableRows(page).map(([folder = '']) => folder);
    expect(named).toEqual(expect.arrayContaining(folders.map(({ name }) => `${root}/${name}`)));
  }
});

describe.each(Object.entries(PATHS))('the path of one %s', (_, steps) => {
  test('names existing files, each once', async () => {
    const files = steps.map(([file]) => file);
    expect(new Set(files).size).toBe(files.length);
    for (const file of files) {
      await expect(access(projectFile(file)), file).resolves.toBeUndefined();
    }
  });

  test('has at most as many files as a reader should open', () => {
    expect(steps.length).toBeLessThanOrEqual(PATH_FILES_MAX);
  });
});

describe('an invariant of the architecture page', () => {
  const listed = [...page.matchAll(/<a id="invariant-(\d+)">/g)].map(([, number]) => number);

  test('has a number and an anchor, from 1 to 10', () => {
    expect(listed).toEqual(Array.from({ length: 10 }, (_, index) => String(index + 1)));
  });

  test('is linked wherever a page cites it', async () => {
    for (const path of await documents()) {
      // The API pages quote docstrings.
      if (path.startsWith('docs/api/')) continue;
      const cited = (await readProjectFile(path)).match(/(?<!\[)(?<!: )\binvariant \d+/gi);
      expect([path, cited]).toEqual([path, null]);
    }
  });

  test('is one of those listed where a comment cites it', async () => {
    for (const folder of ['src', 'workers']) {
      for (const file of await readdir(projectFile(folder), { recursive: true })) {
        if (!file.endsWith('.ts')) continue;
        for (const [, number] of (await readProjectFile(`${folder}/${file}`)).matchAll(
          /\binvariant (\d+)/gi,
        )) {
          expect([file, listed.includes(number)]).toEqual([file, true]);
        }
      }
    }
  });
});
