import { access, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFile, readProjectFile, relativeLinks, tableRows } from './markdown.ts';

const decisions = (await readdir(projectFile('docs/decisions'))).sort();
const DOCUMENTS = [
  'AGENTS.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'docs/releases.md',
  ...decisions.map((name) => `docs/decisions/${name}`),
];

const manifest = JSON.parse(await readProjectFile('package.json')) as {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
};

/** Headings as GitHub makes anchors of them. */
const anchorsOf = (markdown: string): ReadonlySet<string> =>
  new Set(
    [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

describe.each(DOCUMENTS)('%s', (document) => {
  test('links to files that exist', async () => {
    for (const link of relativeLinks(await readProjectFile(document))) {
      const target = projectFile(join(dirname(document), link));
      await expect(access(target), link).resolves.toBeUndefined();
    }
  });

  test('links to headings that exist', async () => {
    const text = await readProjectFile(document);
    for (const [, path = '', anchor = ''] of text.matchAll(/\]\(([\w./-]+\.md)#([^)]+)\)/g)) {
      const anchors = anchorsOf(await readProjectFile(join(dirname(document), path)));
      expect([path, anchor, anchors.has(anchor)]).toEqual([path, anchor, true]);
    }
  });

  test('names only files and scripts that exist', async () => {
    const text = await readProjectFile(document);
    const ours = /^(?:src|workers|scripts|policy|test|examples|docs)\/[\w./-]+$/;
    for (const [, word = ''] of text.matchAll(/(?:`|node |unit |workers |e2e )([\w./-]+)/g)) {
      if (ours.test(word)) await expect(access(projectFile(word)), word).resolves.toBeUndefined();
    }
    for (const [, script = ''] of text.matchAll(/npm run ([\w:-]+)/g)) {
      expect([script, Object.hasOwn(manifest.scripts, script)]).toEqual([script, true]);
    }
  });
});

test('the changelog and the page on releases have the same versions, the newest this one', async () => {
  const changelog = await readProjectFile('CHANGELOG.md');
  const entries = [...changelog.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(([, version]) => version);
  const [versions = ''] = (await readProjectFile('docs/releases.md')).split('\n## ');
  const rows = tableRows(versions).map(([version]) => version);
  expect(entries[0]).toBe(manifest.version);
  expect(rows).toEqual(['version', ...entries]);
});

test('each change that breaks says what to write instead', async () => {
  const [, newest = ''] = (await readProjectFile('CHANGELOG.md')).split('\n## ');
  const rows = tableRows(newest).slice(1);
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
