import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { specifierOf } from '../../../src/cli/init/package-folder.ts';
import { isOld, nameLike } from '../../../src/cli/init/templates.ts';
import { emptyFolder, type Folder, hewn } from './scene.ts';

describe.each(['mcp', 'api'])('hewn init --template %s', (template) => {
  test('writes a folder that hewn check accepts', async () => {
    await using folder = await emptyFolder();
    const { path: cwd } = folder;
    const made = await hewn(['init', '--template', template, '--name', 'acme'], { cwd });
    expect(made.code).toBe(0);
    expect(made.out).toContain('npm run agent');
    const checked = await hewn(['check'], { cwd });
    expect(checked.out).toMatch(/ok: no fault, and \d policy cases passed/);
    expect(await readFile(folder.file('hewn.toml'), 'utf8')).toContain('name = "acme"');
    expect(await hewn(['policy', 'test'], { cwd })).toMatchObject({ code: 0 });
    expect(await readFile(folder.file('.gitignore'), 'utf8')).toContain('.hewn/');
    const manifest = JSON.parse(await readFile(folder.file('package.json'), 'utf8'));
    // The command runs from a checkout here, and its version may not be published.
    expect(manifest.dependencies.hewn).toBe(`file:${process.cwd()}`);
  });
});

test('an upstream is added at the end of a new hewn.toml', async () => {
  await using folder = await emptyFolder();
  const { path: cwd } = folder;
  await hewn(['init', '--name', 'acme'], { cwd });
  const table =
    '\n[gateways.gateway.upstreams.shop]\nurl = "https://shop.example/v1"\nkind = "http"\n';
  await appendFile(folder.file('hewn.toml'), table);
  expect(await hewn(['check'], { cwd })).toMatchObject({ code: 0 });
});

describe('a new project depends on', () => {
  const installedWith = async (folder: Folder, resolved?: string) => {
    await mkdir(folder.file('node_modules/hewn'), { recursive: true });
    const lock = { packages: { 'node_modules/hewn': { resolved } } };
    await writeFile(folder.file('node_modules/.package-lock.json'), JSON.stringify(lock));
    return specifierOf({ folder: folder.file('node_modules/hewn'), version: '9.8.7' });
  };

  test('the version of an installed package', async () => {
    await using folder = await emptyFolder();
    const registry = 'https://registry.npmjs.org/hewn/-/hewn-9.8.7.tgz';
    expect(await installedWith(folder, registry)).toBe('^9.8.7');
    expect(await installedWith(folder)).toBe('^9.8.7');
  });

  test('the tarball that the package was installed from', async () => {
    await using folder = await emptyFolder();
    const specifier = await installedWith(folder, 'file:../hewn-9.8.7.tgz');
    expect(specifier).toBe(`file:${join(folder.path, '../hewn-9.8.7.tgz')}`);
  });
});

test('a file that is there already is not replaced, and nothing else is written', async () => {
  await using folder = await emptyFolder();
  await writeFile(folder.file('package.json'), '{}');
  const { code, err } = await hewn(['init'], { cwd: folder.path });
  expect(code).toBe(2);
  expect(err).toContain('has package.json already, and no file is replaced');
  await expect(readFile(folder.file('hewn.toml'))).rejects.toThrow('ENOENT');
  expect(await readFile(folder.file('package.json'), 'utf8')).toBe('{}');
});

test('an unknown template and a name that cannot be one are refused', async () => {
  expect((await hewn(['init', '--template', 'worker'])).err).toContain('mcp or api');
  expect((await hewn(['init', '--name', 'My App'])).err).toContain('lower-case letters');
});

test('the JSON of hewn init lists the files', async () => {
  await using folder = await emptyFolder();
  const { out } = await hewn(['init', 'new', '--json'], { cwd: folder.path });
  expect(JSON.parse(out)).toMatchObject({
    folder: folder.file('new'),
    template: 'mcp',
    name: 'new',
    files: expect.arrayContaining(['hewn.toml', 'policy/notes.datalog', '.gitignore']),
    next: expect.arrayContaining(['cd new', 'npm install']),
  });
  expect(basename(folder.path)).not.toBe('new');
});

test.each([
  ['reports', 'reports'],
  ['My Reports 2', 'my-reports-2'],
  ['42-answers', 'answers'],
  ['___', 'my-hewn'],
  ['a-folder-with-a-name-that-is-too-long', 'a-folder-with-a-name-tha'],
])('a folder named %j makes the deployment %j', (folder, name) => {
  expect(nameLike(folder)).toBe(name);
});

test('a project that an older Node makes gets a Node of its own', () => {
  expect(['20.20.2', '22.11.0', '22.12.0', '24.0.0'].map(isOld)).toEqual([
    ...[true, true, false, false],
  ]);
});
