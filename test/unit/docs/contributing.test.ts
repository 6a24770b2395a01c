import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { projectFile, readProjectFile, tableRows } from './markdown.ts';

const decisions = (await readdir(projectFile('docs/decisions'))).sort();

const manifest = JSON.parse(await readProjectFile('package.json')) as {
  readonly version: string;
};

test('the changelog and the release page list the same versions, starting with the current one', async () => {
  const changelog = await readProjectFile('CHANGELOG.md');
  const entries = [...changelog.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(([, version]) => version);
  const [versions = ''] = (await readProjectFile('docs/releases.md')).split('\n## ');
  const rows = tableRows(versions).map(([version]) => version);
  expect(entries[0]).toBe(manifest.version);
  expect(rows).toEqual(['version', ...entries]);
});

test('the changelog says for each breaking change what to write instead', async () => {
  const [, ...versions] = (await readProjectFile('CHANGELOG.md')).split('\n## ');
  const rows = versions.flatMap((version) => tableRows(version).slice(1));
  expect(rows.length).toBeGreaterThan(10);
  for (const cells of rows) expect(cells.every((cell) => cell.length > 4)).toBe(true);
});

describe('design decisions', () => {
  const pages = decisions.filter((name) => name !== 'index.md');

  test('are numbered without a gap and listed in the index', async () => {
    const index = tableRows(await readProjectFile('docs/decisions/index.md')).slice(1);
    const numbers = pages.map((name) => name.slice(0, 3));
    expect(numbers).toEqual(pages.map((_, i) => String(i + 1).padStart(3, '0')));
    expect(index.map(([link]) => link)).toEqual(
      pages.map((name) => `[${name.slice(0, 3)}](${name})`),
    );
  });

  test.each(pages)('%s has a context, a decision and consequences', async (name) => {
    const text = await readProjectFile(`docs/decisions/${name}`);
    expect([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      expect.stringMatching(new RegExp(`^${Number(name.slice(0, 3))}\\. `)),
      'Context',
      'Decision',
      'Consequences',
    ]);
    expect(text.split('\n').length).toBeLessThan(50);
  });
});
