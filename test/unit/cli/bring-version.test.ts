import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type BringOptions, bringVersion } from '../../../src/cli/serve/bring-version.ts';
import { deploymentKeyFile, readKeyFile } from '../../../src/key-file/index.ts';
import { deploymentOf, TWO } from '../deployment/scene.ts';
import { type Cloud, cloud } from './deploy.scene.ts';

/** What `hewn serve` says about the policy of its folder, once its issuer answers. */
async function bring(at: Cloud, changes: Partial<BringOptions> = {}): Promise<string> {
  const keys = await readKeyFile(deploymentKeyFile(at.folder.path, 'staging'));
  if (!keys.ok) throw new Error('not deployed');
  return bringVersion({
    folder: at.folder.path,
    deployment: await deploymentOf(
      TWO.replace('\n[issuer]', 'catalogue = "policy/tools.toml"\n\n[issuer]'),
    ),
    url: 'https://issuer.staging.example',
    credential: keys.value.operator,
    fetch: at.fetch,
    ...changes,
  });
}

async function deployed(): Promise<Cloud> {
  const at = await cloud();
  await at.deploy('--env', 'staging');
  return at;
}

test('a server activates the policy of its folder once', async () => {
  await using at = await deployed();
  at.activations = [];
  expect(await bring(at)).toMatch(/^policy and catalogue: version [0-9a-f]{12} activated$/);
  expect(await bring(at)).toMatch(/^policy and catalogue: version [0-9a-f]{12} is active$/);
  expect(at.activations).toMatchObject([{ by: 'serve' }]);
});

test('a server does not replace what an operator activated, and shows the difference', async () => {
  await using at = await deployed();
  const id = await at.operate({ policy: { 'policy/reports.datalog': '' }, catalogue: '' });
  const shown = await bring(at);
  expect(shown).toContain(`was not activated: version ${id.slice(0, 12)} was activated since`);
  expect(shown).toContain('policy/reports.datalog');
  expect(at.activations.at(-1)).toMatchObject({ version: id });
});

test('a server without the operator credential says how to load the policy', async () => {
  await using at = await deployed();
  expect(await bring(at, { credential: undefined })).toContain('HEWN_OPERATOR is not set');
});

test('a server says why the policy of its folder was not loaded', async () => {
  await using at = await deployed();
  expect(await bring(at, { credential: 'wrong' })).toContain('was not loaded: ');
  await writeFile(at.folder.file('policy/tools.toml'), new Uint8Array([255]));
  expect(await bring(at)).toContain('was not loaded: ');
});
