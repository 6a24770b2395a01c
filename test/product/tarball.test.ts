/** The output of `npm pack` for this tree. The package is private and not published from here. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { projectFile, readProjectFile } from '../unit/docs/markdown.ts';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 16 * 2 ** 20;
/** A tarball several times as large contains build output or a folder of dependencies. */
const TARBALL_BYTES_MAX = 6 * 2 ** 20;

interface Packed {
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

async function pack(): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], {
    cwd: projectFile('.'),
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  const packed: unknown = JSON.parse(stdout);
  const [first] = Object.values(packed as Readonly<Record<string, Packed>>);
  if (first === undefined) throw new Error(`npm pack printed no package: ${stdout}`);
  return first;
}

async function trackedFiles(): Promise<ReadonlySet<string>> {
  const { stdout } = await run('git', ['ls-files'], {
    cwd: projectFile('.'),
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  return new Set(lines(stdout));
}

test('the tarball has only files of the repository, and every file that the manifest names', async () => {
  const [packed, tracked, manifest] = await Promise.all([
    pack(),
    trackedFiles(),
    readProjectFile('package.json'),
  ]);
  const paths = packed.files.map(({ path }) => path);
  expect(paths.filter((path) => !tracked.has(path))).toEqual([]);
  const named = [...manifest.matchAll(/"\.\/([\w./-]+\.(?:ts|mjs))"/g)].map(([, path]) => path);
  expect(named.length).toBeGreaterThan(10);
  expect(paths).toEqual(expect.arrayContaining(named));
  expect(packed.size).toBeLessThan(TARBALL_BYTES_MAX);
});
