import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fromHex } from '../../../src/encoding.ts';
import { type KeyFile, loadDeploymentKeys } from '../../../src/key-file/index.ts';

const NOW = 1_800_000_000;

let parent: string;
let folder: string;
let file: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'hewn-keys-'));
  folder = join(parent, '.hewn/dev');
  file = join(folder, 'keys.json');
});
afterEach(() => rm(parent, { recursive: true }));

const load = () => loadDeploymentKeys(parent, 'dev', NOW);
const loaded = async () => {
  const result = await load();
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

describe('the keys of an environment', () => {
  test('are generated on the first start, readable only by their owner', async () => {
    const { keys, generated, file: where } = await loaded();
    expect(generated).toBe(true);
    expect(where).toBe(file);
    const [mint] = keys.mint;
    expect(mint).toMatchObject({ id: 1, state: 'active' });
    expect(mint?.privateKey).toMatch(/^ed25519-private\/[0-9a-f]{64}$/);
    expect(keys.feed.publicKey).toMatch(/^[0-9a-f]{64}$/);
    expect(keys.operator).toMatch(/^[\w-]{43}$/);
    expect(mint?.publicKey).not.toBe(keys.feed.publicKey);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toEqual(['keys.json']);
  });

  test('the public key belongs to the private one', async () => {
    const [mint] = (await loaded()).keys.mint;
    const seed =
      fromHex((mint?.privateKey ?? '').replace('ed25519-private/', '')) ?? new Uint8Array();
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const signer = await crypto.subtle.importKey('pkcs8', der, 'Ed25519', false, ['sign']);
    const raw = fromHex(mint?.publicKey ?? '') ?? new Uint8Array();
    const verifier = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
    const data = new TextEncoder().encode('hewn');
    const signature = await crypto.subtle.sign('Ed25519', signer, data);
    expect(await crypto.subtle.verify('Ed25519', verifier, signature, data)).toBe(true);
  });

  test('stay the same on every later start', async () => {
    const first = await loaded();
    const second = await loaded();
    expect(second).toEqual({ ...first, generated: false });
  });

  test('two concurrent first starts agree on one file', async () => {
    const [a, b, c] = await Promise.all([loaded(), loaded(), loaded()]);
    expect(a.keys).toEqual(b.keys);
    expect(b.keys).toEqual(c.keys);
    expect([a, b, c].filter(({ generated }) => generated)).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['keys.json']);
  });

  test.each<[string, (keys: KeyFile) => unknown, string]>([
    ['no feed key', ({ feed: _, ...rest }) => rest, 'feed'],
    [
      'a short seed',
      (k) => ({ ...k, mint: [{ ...k.mint[0], privateKey: 'ed25519-private/00' }] }),
      'mint.0.privateKey',
    ],
    [
      'another public key',
      (k) => ({ ...k, mint: [{ ...k.mint[0], publicKey: k.feed.publicKey }] }),
      'mint.0',
    ],
    ['no active key', (k) => ({ ...k, mint: [{ ...k.mint[0], state: 'published' }] }), 'mint'],
    ['an operator credential cut short', (k) => ({ ...k, operator: 'abc' }), 'operator'],
    ['an unknown key', (k) => ({ ...k, extra: 1 }), 'extra'],
  ])(
    'a file with %s is an error that says what to do, and stays unchanged',
    async (_, change, place) => {
      const { keys } = await loaded();
      const text = JSON.stringify(change(keys));
      await writeFile(file, text);
      const result = await load();
      expect(result.ok).toBe(false);
      const message = result.ok ? '' : result.error;
      expect(message).toContain(file);
      expect(message).toContain(`"${place}" is missing or malformed`);
      expect(message).toContain(`delete the folder ${folder}`);
      expect(message).not.toMatch(/[0-9a-f]{64}/);
      expect(await readFile(file, 'utf8')).toBe(text);
    },
  );

  test('a file with one mint key, from an older version, is read as a ring of one', async () => {
    const { keys } = await loaded();
    const [mint] = keys.mint;
    const { privateKey, publicKey } = mint ?? {};
    await writeFile(file, JSON.stringify({ ...keys, mint: { id: 1, privateKey, publicKey } }));
    expect((await loaded()).keys.mint).toEqual([{ ...mint, since: 0 }]);
  });

  test.each(['', '{"mint":', 'null'])('a file that contains %j is an error', async (text) => {
    await loaded();
    await writeFile(file, text);
    expect(await load()).toMatchObject({ ok: false });
    expect(await readFile(file, 'utf8')).toBe(text);
  });
});
