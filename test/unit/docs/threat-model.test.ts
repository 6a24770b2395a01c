import { expect, test } from 'vitest';
import { readProjectFile, tableRows } from './markdown.ts';

test('every guarantee names an invariant and a test that exists', async () => {
  const text = await readProjectFile('docs/explanation/threat-model.md');
  const guarantees = text.split(/^## /m).find((section) => section.startsWith('Guarantees')) ?? '';
  const rows = tableRows(guarantees).filter(([number]) => number !== '#');
  expect([...new Set(rows.map(([number]) => number))]).toEqual(
    Array.from({ length: 10 }, (_, index) => String(index + 1)),
  );
  for (const [, , held = ''] of rows) {
    const [, path = '', title = ''] = /^(\S+\.test\.ts): (.+)$/.exec(held) ?? [];
    expect(path, held).not.toBe('');
    expect(await readProjectFile(path), held).toContain(title);
  }
});
