import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readProjectFile, tableRows } from './markdown.ts';

const OBJECTS = 'workers/issuer';
const withTables = await filesWithTables();

test('there are objects with tables', () => {
  expect(withTables.length).toBeGreaterThan(3);
});

test.each(withTables)('docs/storage.md has every table and column of %s', async (name) => {
  const source = await readProjectFile(`${OBJECTS}/${name}`);
  const sections = (await readProjectFile('docs/storage.md')).split(/^###? /m);
  const tables = [
    ...source.matchAll(/CREATE TABLE IF NOT EXISTS (\w+) \(\n([\s\S]*?)\n +\) STRICT/g),
  ];
  expect(tables.length).toBeGreaterThan(0);
  for (const [, table, body = ''] of tables) {
    const columns = [...body.matchAll(/^ +([a-z_]+) +(?:INTEGER|TEXT|BLOB|REAL)/gm)];
    const section = sections.find((text) => text.startsWith(`Table \`${table}\``)) ?? '';
    const documented = tableRows(section).map(([column]) => column);
    expect(documented).toEqual(['column', ...columns.map(([, column]) => column)]);
  }
});

async function filesWithTables(): Promise<string[]> {
  const folder = fileURLToPath(new URL(`../../../${OBJECTS}`, import.meta.url).href);
  const files = await readdir(folder, { recursive: true });
  const sources = files.filter((file) => file.endsWith('.ts'));
  const texts = await Promise.all(sources.map((file) => readProjectFile(`${OBJECTS}/${file}`)));
  return sources.filter((_, i) => texts[i]?.includes('CREATE TABLE'));
}
