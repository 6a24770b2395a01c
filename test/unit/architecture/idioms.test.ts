import { expect, test } from 'vitest';
import { bannedIdioms, IDIOMS } from './idioms.ts';
import { readProse, readSources, type SourceFile } from './source.ts';

const PAGES = ['README.md', 'AGENTS.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];
const POLICY = ['policy/reports.datalog', 'policy/tools.toml', 'policy/cases/reports.toml'];
const LIST = 'test/unit/architecture/idioms.ts';

const PLACES = 'bench docs examples pages policy scripts src test workers'.split(' ');

const prose = (text: string): readonly SourceFile[] => [{ path: 'a.ts', text }];

function filesOf(place: string): readonly SourceFile[] {
  if (place === 'pages') return readProse(...PAGES);
  // The API pages repeat docstrings, which are found where they are written.
  if (place === 'docs') return readProse('docs').filter(({ path }) => !path.startsWith('docs/api'));
  if (place === 'policy') return readProse(...POLICY);
  return readSources(place)
    .filter(({ path }) => path !== LIST)
    .map(withoutReleasedSql);
}

/** Comments in the SQL of a released step stay as they were released: its digest covers them. */
const withoutReleasedSql = ({ path, text }: SourceFile): SourceFile => ({
  path,
  text: path.endsWith('schema.ts') ? text.replaceAll(/ -- .*$/gm, '') : text,
});

test.each(PLACES)('%s has no banned idiom', (place) => {
  const files = filesOf(place);
  expect(files.length).toBeGreaterThan(0);
  expect(bannedIdioms(files)).toEqual([]);
});

test.each(IDIOMS)('"$banned" is found', ({ sample, instead }) => {
  expect(bannedIdioms(prose(`// ${sample}`))).toEqual([expect.stringContaining(instead)]);
  expect(bannedIdioms(prose(`/**\n * ${sample.replaceAll(' ', '\n * ')}\n */`))).toHaveLength(1);
});
