import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  deploymentKeyFile,
  issuerSecrets,
  loadDeploymentKeys,
} from '../../../src/key-file/index.ts';

const NOW = 1_800_000_000;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-keys-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

test('the keys of an environment are generated once, for their owner alone', async () => {
  const first = await loadDeploymentKeys(folder, 'dev', NOW);
  const second = await loadDeploymentKeys(folder, 'dev', NOW + 60);
  if (!first.ok || !second.ok) throw new Error('no keys');
  expect(first.value).toMatchObject({ generated: true, file: deploymentKeyFile(folder, 'dev') });
  expect(second.value).toMatchObject({ generated: false, keys: first.value.keys });
  expect(await modeOf(first.value.file)).toBe(0o600);
  expect(await modeOf(join(folder, '.hewn/dev'))).toBe(0o700);
  expect(await modeOf(join(folder, '.hewn'))).toBe(0o700);
  expect(await readFile(join(folder, '.hewn/.gitignore'), 'utf8')).toBe('*\n');
});

test('two environments have different keys', async () => {
  const dev = await loadDeploymentKeys(folder, 'dev', NOW);
  const staging = await loadDeploymentKeys(folder, 'staging', NOW);
  if (!dev.ok || !staging.ok) throw new Error('no keys');
  expect(dev.value.keys.feed.publicKey).not.toBe(staging.value.keys.feed.publicKey);
});

test('several first starts at once agree on one set of keys', async () => {
  const loaded = await Promise.all(
    Array.from({ length: 5 }, () => loadDeploymentKeys(folder, 'dev', NOW)),
  );
  const keys = loaded.map((each) => (each.ok ? JSON.stringify(each.value.keys) : each.error));
  expect(new Set(keys).size).toBe(1);
  expect(loaded.filter((each) => each.ok && each.value.generated)).toHaveLength(1);
});

test('a key file of an earlier release gets the key of the logs, once', async () => {
  await loadDeploymentKeys(folder, 'dev', NOW);
  const file = deploymentKeyFile(folder, 'dev');
  const { log: _, ...former } = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify(former));
  const loaded = await Promise.all(
    Array.from({ length: 5 }, () => loadDeploymentKeys(folder, 'dev', NOW)),
  );
  const { log, ...rest } = JSON.parse(await readFile(file, 'utf8'));
  expect(rest).toEqual(former);
  for (const each of loaded) expect(each).toMatchObject({ ok: true, value: { keys: { log } } });
  expect(await modeOf(file)).toBe(0o600);
});

test('damaged keys are reported with the file, and stay as they are', async () => {
  await loadDeploymentKeys(folder, 'dev', NOW);
  const file = deploymentKeyFile(folder, 'dev');
  await writeFile(file, '{"mint":"ed25519-private/aa"}');
  const loaded = await loadDeploymentKeys(folder, 'dev', NOW);
  expect(loaded).toMatchObject({ ok: false, error: expect.stringContaining(file) });
  expect(JSON.stringify(loaded)).not.toContain('ed25519-private/aa');
  expect(await readFile(file, 'utf8')).toBe('{"mint":"ed25519-private/aa"}');
});

test('the secrets of the issuer have the digest of the operator credential only', async () => {
  const loaded = await loadDeploymentKeys(folder, 'dev', NOW);
  if (!loaded.ok) throw new Error('no keys');
  const secrets = issuerSecrets(loaded.value.keys);
  expect(Object.keys(secrets)).toEqual([
    'MINT_KEYS',
    'FEED_KEY',
    'LOG_KEY',
    'APPROVER_KEY',
    'OPERATOR_SHA256',
  ]);
  expect(JSON.stringify(secrets)).not.toContain(loaded.value.keys.operator);
});
