import { expect, test } from 'vitest';
import { diffVersions, renderDiff, type Version } from '../../../src/version/index.ts';
import { cpuMilliseconds } from '../cpu-time.ts';

const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');
const BEFORE: Version = {
  policy: { 'a.datalog': lines('one', 'two', 'three'), 'gone.datalog': lines('old') },
  catalogue: lines('# tools'),
};

test('a version does not differ from itself', () => {
  expect(diffVersions(BEFORE, { ...BEFORE })).toEqual([]);
  expect(renderDiff([])).toBe('');
});

test('lists added, removed and changed files, with the catalogue last', () => {
  const after: Version = {
    policy: { 'a.datalog': lines('one', '2', 'three'), 'new.datalog': lines('new') },
    catalogue: lines('# tools', '# more'),
  };
  const changes = diffVersions(BEFORE, after);
  expect(changes.map(({ file, change }) => [file, change])).toEqual([
    ['a.datalog', 'changed'],
    ['gone.datalog', 'removed'],
    ['new.datalog', 'added'],
    ['catalogue', 'changed'],
  ]);
  expect(renderDiff(changes)).toBe(
    [
      '--- a/a.datalog',
      '+++ b/a.datalog',
      '@@ -1,3 +1,3 @@',
      ' one',
      '-two',
      '+2',
      ' three',
      '--- a/gone.datalog',
      '+++ /dev/null',
      '@@ -1,1 +0,0 @@',
      '-old',
      '--- /dev/null',
      '+++ b/new.datalog',
      '@@ -0,0 +1,1 @@',
      '+new',
      '--- a/catalogue',
      '+++ b/catalogue',
      '@@ -1,1 +1,2 @@',
      ' # tools',
      '+# more',
    ].join('\n'),
  );
});

test('every file of a first version is added', () => {
  expect(diffVersions(undefined, BEFORE).map(({ change }) => change)).toEqual([
    'added',
    'added',
    'added',
  ]);
});

test('a file with too many changes counts as replaced, and is compared in bounded time', async () => {
  const text = (seed: number) =>
    Array.from({ length: 8_000 }, (_, line) => `${(line * seed) % 7_919} ${seed}`).join('\n');
  let changes: ReturnType<typeof diffVersions> = [];
  const milliseconds = await cpuMilliseconds(() => {
    changes = diffVersions(
      { policy: { 'a.datalog': text(3) }, catalogue: '' },
      { policy: { 'a.datalog': text(5) }, catalogue: '' },
    );
  });
  expect(milliseconds).toBeLessThan(5_000);
  const [change] = changes;
  expect(change?.hunks).toHaveLength(1);
  expect(change?.hunks[0]).toMatchObject({ oldLines: 8_000, newLines: 8_000 });
});
