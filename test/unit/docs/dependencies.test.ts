import { expect, test } from 'vitest';
import { readProjectFile, tableRows } from './markdown.ts';

interface Manifest {
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

test('the dependencies page has one sentence for each package', async () => {
  const manifest = JSON.parse(await readProjectFile('package.json')) as Manifest;
  const rows = tableRows(await readProjectFile('docs/dependencies.md')).filter(
    ([name]) => name !== 'package',
  );
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  expect(rows.map(([name]) => name)).toEqual([
    ...Object.keys(dependencies),
    ...Object.keys(optionalDependencies),
    ...Object.keys(devDependencies),
  ]);
  for (const [, why] of rows) expect(why).toMatch(/^[A-Z].{20,}\.$/);
});

test('package.json has only exact versions', async () => {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
    await readProjectFile('package.json'),
  ) as Manifest;
  const all = { ...dependencies, ...optionalDependencies, ...devDependencies };
  for (const version of Object.values(all)) {
    expect(version).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  }
});
