import { execFile } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { doorsOf, isWorkerDoor } from '../../../scripts/doors.ts';
import { asModule, type Example, writeExamples } from './examples/build.ts';
import { type Exported, examplesOf, exportsOf } from './exports.ts';
import { MAIN_VERBS } from './main-verbs.ts';
import { projectFile, readProjectFile } from './markdown.ts';

const DOORS = doorsOf(JSON.parse(await readProjectFile('package.json')));

const exportsOfDoors = new Map<string, readonly Exported[]>();
for (const [door, file] of DOORS) exportsOfDoors.set(door, await exportsOf(file));

const examples: Example[] = [...exportsOfDoors].flatMap(([door, exported]) =>
  exported.flatMap(({ name, docstring = '' }) =>
    examplesOf(docstring).map((code, index) => ({
      name: `${door.replace('/', '-')}-${name}-${index}`,
      code,
    })),
  ),
);
/** Node cannot load the doors of the Workers, so their examples are compiled and not run. */
const compiledOnly = DOORS.filter(isWorkerDoor).map(([door]) => `${door.replace('/', '-')}-`);

describe.each(DOORS)('the public door hewn/%s', (door) => {
  const exported = exportsOfDoors.get(door) ?? [];

  test('has a docstring for every export', () => {
    const missing = exported.filter(({ docstring }) => docstring === undefined);
    expect(missing.map(({ name, file }) => `${name} in ${file}`)).toEqual([]);
  });

  test('has an example for every main verb', () => {
    const without = (MAIN_VERBS[door] ?? []).filter((verb) => {
      const one = exported.find(({ name }) => name === verb);
      return examplesOf(one?.docstring ?? '').length === 0;
    });
    expect(without).toEqual([]);
  });
});

const run = (program: string, args: readonly string[]) =>
  new Promise<string>((done) => {
    execFile(program, args, { cwd: projectFile('.') }, (error, stdout, stderr) =>
      done(error === null ? '' : `${stdout}${stderr}`),
    );
  });

test('every example of a docstring compiles and runs', { timeout: 180_000 }, async () => {
  expect(examples.length).toBeGreaterThan(0);
  const folder = await writeExamples(examples);
  const names = examples
    .map(({ name }) => name)
    .filter((name) => !compiledOnly.some((door) => name.startsWith(door)));
  const bin = projectFile('node_modules/.bin');
  const [compiled, ran] = await Promise.all([
    run(`${bin}/tsc`, ['-p', folder]),
    run(process.execPath, ['--no-warnings', `${folder}/run.ts`, ...names]),
  ]);
  expect(compiled).toBe('');
  expect(ran).toBe('');
});

describe('this test', () => {
  const SOURCES: Readonly<Record<string, string>> = {
    'door/index.ts': "export { type A, b as c } from './a.ts';\nexport * from './d.ts';\n",
    'door/a.ts':
      '/** Says a. */\nexport interface A {}\nexport const b = 1;\nexport const hidden = 1;\n',
    'door/d.ts':
      '/**\n * Does d.\n * @example Twice\n * ```ts\n * d(d());\n * ```\n */\nexport function d() {}\n',
  };
  const read = async (path: string) => SOURCES[path] ?? '';

  test('finds what a door exports, under its outer name, with its docstring', async () => {
    const found = (await exportsOf('door/index.ts', read)).map(({ name, docstring }) => [
      name,
      docstring?.split('\n')[0],
    ]);
    expect(found).toEqual([
      ['A', 'Says a.'],
      ['c', undefined],
      ['d', 'Does d.'],
    ]);
  });

  test('finds the code of an example', async () => {
    const [, , d] = await exportsOf('door/index.ts', read);
    expect(examplesOf(d?.docstring ?? '')).toEqual(['d(d());\n']);
  });

  test('imports what an example uses and does not declare', () => {
    expect(asModule('verifier.x();')).toMatch(/^import \{ verifier \} from /);
    expect(asModule('const verifier = 1;')).not.toContain('import');
    expect(asModule("import { x } from 'hewn/verifier';\n")).not.toContain('given');
  });

  test('runs examples against the sources, not against what was built', () => {
    const source = asModule("import { x } from 'hewn/verifier/node';\n");
    expect(source).toContain("from '../src/verifier-node/index.ts'");
  });
});
