import { expect, test } from 'vitest';
import { readProjectFile, tableRows } from './markdown.ts';

test('every requirement in docs/conformance.md names a test that is there', async () => {
  const rows = tableRows(await readProjectFile('docs/conformance.md'));
  const named = rows.filter(([requirement]) => requirement !== 'requirement');
  expect(named.length).toBeGreaterThan(30);
  for (const [requirement, file = '', name = ''] of named) {
    const source = await readProjectFile(file);
    expect([requirement, name, name !== '' && source.includes(name)]).toEqual([
      requirement,
      name,
      true,
    ]);
  }
});
