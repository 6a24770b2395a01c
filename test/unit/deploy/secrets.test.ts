import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadSecrets, removeLeftovers, withSecretsFile } from '../../../src/deploy/secrets.ts';
import { generateKeyFile } from '../../../src/key-file/contents.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-secrets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const keys = generateKeyFile(0);
const worker = (role: string, ...required: readonly string[]) => ({
  role,
  config: { name: `acme-staging-${role}`, secrets: { required } },
});

async function load(dryRun: boolean, ...workers: readonly ReturnType<typeof worker>[]) {
  const secrets = await loadSecrets(join(folder, 'secrets.json'), keys, workers, { dryRun });
  if (!secrets.ok) throw new Error(secrets.error);
  return secrets.value;
}

describe('the secrets of the Workers', () => {
  test('come from the key file', async () => {
    const secrets = await load(false, worker('issuer', 'FEED_KEY', 'OPERATOR_SHA256'));
    expect(secrets.get('issuer')).toMatchObject({ FEED_KEY: keys.feed.privateKey });
    expect(JSON.stringify([...secrets])).not.toContain(keys.operator);
    expect(await readdir(folder)).toEqual([]);
  });

  test('that are optional are generated once for each Worker, into a file of the owner', async () => {
    const workers = [
      worker('issuer', 'SIGNAL_KEY', 'DPOP_NONCE_SECRET'),
      worker('gateway', 'DPOP_NONCE_SECRET'),
    ];
    const first = await load(false, ...workers);
    expect(await load(false, ...workers)).toEqual(first);
    expect(first.get('issuer')?.DPOP_NONCE_SECRET).toMatch(/^[0-9a-f]{64}$/);
    expect(first.get('gateway')).not.toEqual(first.get('issuer'));
    expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
  });

  test('are not stored by a dry run', async () => {
    await load(true, worker('gateway', 'DPOP_NONCE_SECRET'));
    expect(await readdir(folder)).toEqual([]);
  });

  test('are not replaced if the file is damaged', async () => {
    await writeFile(join(folder, 'secrets.json'), '{"issuer":');
    const workers = [worker('gateway', 'DPOP_NONCE_SECRET')];
    const secrets = await loadSecrets(join(folder, 'secrets.json'), keys, workers);
    expect(secrets).toMatchObject({ ok: false, error: expect.stringContaining('is damaged') });
  });
});

describe('the file of secrets for one upload', () => {
  test('is readable by its owner alone, and removed after a failure too', async () => {
    const failing = withSecretsFile(folder, { FEED_KEY: 'secret' }, async (file) => {
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ FEED_KEY: 'secret' });
      throw new Error('wrangler crashed');
    });
    await expect(failing).rejects.toThrow('wrangler crashed');
    expect(await readdir(folder)).toEqual([]);
    expect(process.listenerCount('SIGTERM')).toBe(0);
  });

  test('is removed by the next deployment after a kill', async () => {
    await mkdir(join(folder, 'upload-1a2b3c'));
    await writeFile(join(folder, 'upload-1a2b3c', 'secrets.json'), '{}');
    await writeFile(join(folder, 'keys.json'), '{}');
    await removeLeftovers(folder);
    expect(await readdir(folder)).toEqual(['keys.json']);
  });
});
