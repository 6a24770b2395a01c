import { describe, expect, test } from 'vitest';
import {
  type ReleaseTexts,
  releaseProblems,
  repositoryMember,
} from '../../scripts/release/problems.ts';

const REPOSITORY = 'https://github.com/acme/hewn';
const READY: ReleaseTexts = {
  version: '0.3.0',
  creator: { version: '0.3.0', dependencies: { hewn: '0.3.0' } },
  changelog: '# Changelog\n\n## 0.3.0, 2026-12-31\n\n## 0.2.0, 2026-11-30\n',
  tables: { 'docs/releases.md': '| 0.3.0 | supported |', 'SECURITY.md': '| 0.3.x | yes |' },
  uncommitted: '',
};

test('a commit with a dated entry and its row in both tables can be released', () => {
  expect(releaseProblems(READY, REPOSITORY)).toEqual([]);
});

describe('a release is stopped by', () => {
  test.each<[string, Partial<ReleaseTexts>, string]>([
    ['a change that is not committed', { uncommitted: ' M src/result.ts\n' }, 'not committed'],
    ['an entry of another version', { changelog: '## 0.2.0, 2026-12-31\n' }, 'has 0.3.0'],
    ['an entry without a date', { changelog: '## 0.3.0, not released yet\n' }, 'has no date'],
    [
      'a create-hewn of another version',
      { creator: { version: '0.2.0', dependencies: { hewn: '0.3.0' } } },
      'packages/create-hewn',
    ],
    [
      'a create-hewn that runs another version',
      { creator: { version: '0.3.0', dependencies: { hewn: '0.2.0' } } },
      'packages/create-hewn',
    ],
    ['a changelog without an entry', { changelog: '# Changelog\n' }, 'missing'],
    ['a table without the version', { tables: { 'a.md': '| 0.2.0 | no |' } }, 'no row for 0.3.0'],
    [
      'a table that calls the version unreleased',
      { tables: { 'a.md': '| 0.3.0 | not released yet |' } },
      'is not released yet',
    ],
  ])('%s', (_, change, wanted) => {
    const problems = releaseProblems({ ...READY, ...change }, REPOSITORY);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(wanted);
  });

  test.each([
    'git@github.com:acme/hewn.git',
    'http://github.com/acme/hewn',
    'https://user:secret@github.com/acme/hewn',
    'https://github.com/acme/hewn?token=secret',
    'acme/hewn',
  ])('the repository %s', (repository) => {
    expect(releaseProblems(READY, repository)).toHaveLength(1);
  });
});

test.each([REPOSITORY, `${REPOSITORY}/`, `${REPOSITORY}.git`])(
  'the manifest names the repository %s in the form that npm expects',
  (repository) => {
    expect(repositoryMember(repository)).toEqual({
      type: 'git',
      url: 'git+https://github.com/acme/hewn.git',
    });
  },
);

test('the manifest of a package below the root names its folder', () => {
  expect(repositoryMember(REPOSITORY, 'packages/create-hewn')).toMatchObject({
    directory: 'packages/create-hewn',
  });
});
