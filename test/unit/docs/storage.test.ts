import { expect, test } from 'vitest';
import { readProjectFile, tableRows } from './markdown.ts';

test.each([
  ...['approval-table', 'audit-log', 'breaker', 'replay-store', 'revocation-log'],
  'workflow/schema',
])('docs/storage.md has every table and column of %s', async (name) => {
  const source = await readProjectFile(`workers/issuer/objects/${name}.ts`);
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
