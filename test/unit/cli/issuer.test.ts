import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deploymentKeyFile, makeKeyFile } from '../../../src/key-file/index.ts';
import { TWO } from '../deployment/scene.ts';
import { emptyFolder, type Folder, hewn } from './scene.ts';

const LOCAL = 'http://127.0.0.1:8788';

/** Returns the origins that `hewn deny list` calls, in a folder with two environments. */
async function calledBy(
  words: readonly string[],
  { variables = {}, toml = TWO }: { variables?: Record<string, string>; toml?: string } = {},
): Promise<readonly string[]> {
  await using folder = await emptyFolder();
  await writeFile(folder.file('hewn.toml'), toml);
  for (const name of ['staging', 'dev']) await makeKeys(folder, name);
  const origins: string[] = [];
  await hewn(['deny', 'list', ...words], {
    cwd: folder.path,
    home: folder.path,
    variable: (name) => variables[name],
    fetch: async (input) => {
      origins.push(new URL(String(input)).origin);
      return new Response(null, { status: 503 });
    },
  });
  return origins;
}

async function makeKeys(folder: Folder, environment: string): Promise<void> {
  const file = deploymentKeyFile(folder.path, environment);
  await mkdir(dirname(file), { recursive: true });
  expect(await makeKeyFile(file, 0)).toBe(true);
}

const STAGING = ['--file', '.hewn/staging/keys.json'];

describe('a command of the operator calls', () => {
  test('the issuer of the environment whose key file it reads', async () => {
    expect(await calledBy(STAGING)).toEqual(['https://issuer.staging.example']);
  });

  test('the issuer that --issuer or HEWN_ISSUER names, before any other', async () => {
    const other = 'https://other.example';
    expect(await calledBy([...STAGING, '--issuer', other])).toEqual([other]);
    expect(await calledBy(STAGING, { variables: { HEWN_ISSUER: other } })).toEqual([other]);
  });

  test.each<[string, readonly string[], { toml?: string }]>([
    ['without a key file', [], {}],
    ['with the keys of hewn dev', ['--file', '.hewn/dev/keys.json'], {}],
    ['if hewn.toml has a fault', STAGING, { toml: 'name = 1' }],
  ])('the local issuer %s', async (_, words, options) => {
    expect(await calledBy(words, options)).toEqual([LOCAL]);
  });

  test('the local issuer with a key file of another place', async () => {
    await using folder = await emptyFolder();
    const file = folder.file('keys.json');
    expect(await makeKeyFile(file, 0)).toBe(true);
    expect(await calledBy(['--file', file])).toEqual([LOCAL]);
  });
});
