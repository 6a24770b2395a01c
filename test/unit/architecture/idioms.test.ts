import { expect, test } from 'vitest';
import { bannedIdioms, IDIOMS } from './idioms.ts';
import { readProse, readSources, type SourceFile } from './source.ts';

const PAGES = ['README.md', 'AGENTS.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];
const POLICY = ['policy/reports.datalog', 'policy/tools.toml', 'policy/cases/reports.toml'];
const LIST = 'test/unit/architecture/idioms.ts';

/** How many are left. A number only goes down; at zero the folder stays clean. */
const LEFT: Readonly<Record<string, number>> = {
  bench: 0,
  docs: 0,
  examples: 0,
  pages: 0,
  policy: 0,
  scripts: 0,
  src: 0,
  test: 36,
  workers: 0,
};

const prose = (text: string): readonly SourceFile[] => [{ path: 'a.ts', text }];

function filesOf(folder: string): readonly SourceFile[] {
  if (folder === 'pages') return readProse(...PAGES);
  // The API pages repeat docstrings, which are found where they are written.
  if (folder === 'docs')
    return readProse('docs').filter(({ path }) => !path.startsWith('docs/api'));
  if (folder === 'policy') return readProse(...POLICY);
  return readSources(folder)
    .filter(({ path }) => path !== LIST)
    .map(withoutReleasedSql);
}

/** Comments in the SQL of a released step stay as they were released: its digest covers them. */
const withoutReleasedSql = ({ path, text }: SourceFile): SourceFile => ({
  path,
  text: path.endsWith('schema.ts') ? text.replaceAll(/ -- .*$/gm, '') : text,
});

test.each(Object.entries(LEFT))('%s has no banned idiom', (folder, left) => {
  const files = filesOf(folder);
  expect(files.length).toBeGreaterThan(0);
  const found = bannedIdioms(files);
  expect(found.length > left ? found : []).toEqual([]);
});

test.each(IDIOMS)('"$banned" is found', ({ sample, instead }) => {
  expect(bannedIdioms(prose(`// ${sample}`))).toEqual([expect.stringContaining(instead)]);
  expect(bannedIdioms(prose(`/**\n * ${sample.replaceAll(' ', '\n * ')}\n */`))).toHaveLength(1);
});
