import { expect, test } from 'vitest';
import { readProjectFile, tableRows } from './markdown.ts';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

test('the dependencies page has one sentence for each package', async () => {
  const manifest = JSON.parse(await readProjectFile('package.json')) as Manifest;
  const rows = tableRows(await readProjectFile('docs/dependencies.md')).filter(
    ([name]) => name !== 'package',
  );
  const { dependencies, devDependencies } = manifest;
  expect(rows.map(([name]) => name)).toEqual([
    ...Object.keys(dependencies),
    ...Object.keys(devDependencies),
  ]);
  for (const [, why] of rows) expect(why).toMatch(/^[A-Z].{20,}\.$/);
});

test('package.json has only exact versions', async () => {
  const { dependencies, devDependencies } = JSON.parse(
    await readProjectFile('package.json'),
  ) as Manifest;
  for (const version of Object.values({ ...dependencies, ...devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  }
});
