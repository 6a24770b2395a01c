import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { projectFile, readProjectFile, tableRows } from './markdown.ts';

const foldersIn = async (path: string): Promise<readonly string[]> =>
  (await readdir(projectFile(path), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${path}/${name}`);

test('docs/explanation/architecture.md names every folder of the library and every Worker', async () => {
  const rows = tableRows(await readProjectFile('docs/explanation/architecture.md'));
  const named = rows
    .map(([folder = '']) => folder)
    .filter((name) => /^(?:src|workers)\//.test(name));
  const there = [...(await foldersIn('src')), ...(await foldersIn('workers'))];
  expect(new Set(named)).toEqual(new Set(there));
});

test('and what each folder of the library imports of the others', async () => {
  const rows = tableRows(await readProjectFile('docs/explanation/architecture.md'));
  for (const folder of await foldersIn('src')) {
    const [, , said = ''] = rows.find(([name]) => name === folder) ?? [];
    const imported = new Set<string>();
    for (const file of await readdir(projectFile(folder), { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      const text = await readProjectFile(`${folder}/${file}`);
      const depth = file.split('/').length;
      const other = new RegExp(`from '${'\\.\\./'.repeat(depth)}([\\w-]+)/index\\.ts'`, 'g');
      for (const [, name = ''] of text.matchAll(other)) imported.add(name);
    }
    const listed = said.split(', ').filter((name) => name !== '');
    expect([folder, new Set(listed)]).toEqual([folder, imported]);
  }
});
