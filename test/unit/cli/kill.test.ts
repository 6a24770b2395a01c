import { spawnSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../../src/encoding.ts';
import { FeedClient, type Signed } from '../../../src/feed/index.ts';
import { AUTHORITY, at, ISSUER } from '../fixtures/issuer.ts';
import { feedKeys, question, seconds } from '../fixtures/log.ts';
import { emptyFolder, hewn } from './scene.ts';

/** A folder with a key and a list. The clock is set to the time of the valid token. */
async function scene() {
  const folder = await emptyFolder();
  let offset = 0;
  const kill = (...words: string[]) =>
    hewn(['kill', ...words], { cwd: folder.path, now: () => new Date(seconds(offset) * 1000) });
  const { out } = await kill('new-key', '--key', 'kill.json');
  const publicKey = /[0-9a-f]{64}/.exec(out)?.[0] ?? '';
  const sign = (...words: string[]) =>
    kill('sign', ...words, '--key', 'kill.json', '--list', 'kills.json');
  const verify = (...words: string[]) =>
    kill('verify', ...words, '--public-key', publicKey, '--issuer', ISSUER);
  return {
    folder,
    kill,
    sign,
    verify,
    publicKey,
    list: async () => JSON.parse(await readFile(folder.file('kills.json'), 'utf8')) as Signed[],
    wait: (more: number) => {
      offset += more;
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A verifier that pins the key, and knows only the list. */
async function pinned(publicKey: string, list: unknown): Promise<FeedClient> {
  const raw = fromHex(publicKey) ?? new Uint8Array();
  const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', true, ['verify']);
  const client = new FeedClient({
    issuer: ISSUER,
    feedKey: feedKeys.publicKey,
    kill: { key },
    now: () => at(0),
    fetch: () => Promise.reject(new TypeError('the issuer is down')),
  });
  await client.addKills(list);
  return client;
}

describe('hewn kill', () => {
  test('creates a key that only its owner can read, and prints only its public half', async () => {
    await using at = await scene();
    const file = at.folder.file('kill.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { kill } = JSON.parse(await readFile(file, 'utf8'));
    expect(kill.publicKey).toBe(at.publicKey);
    const secret = kill.privateKey.replace('ed25519-private/', '');
    const ran = [
      await at.kill('new-key', '--key', 'kill.json'),
      await at.sign('all', '--issuer', ISSUER),
      await at.verify('kills.json'),
      await at.sign('all', '--issuer', ISSUER, '--json'),
    ];
    expect(ran.map(({ code }) => code)).toEqual([2, 0, 0, 0]);
    expect(JSON.stringify(ran)).not.toContain(secret);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ kill });
  });

  test('signs a statement that a verifier obeys while the issuer is down', async () => {
    await using at = await scene();
    expect((await at.sign('owner', AUTHORITY.owner, '--issuer', ISSUER)).code).toBe(0);
    const client = await pinned(at.publicKey, await at.list());
    expect(client.find(question())).toMatchObject({ by: 'watermark', scope: 'owner' });
    const later = new Date(seconds(2) * 1000);
    expect(client.find(question({ issuedAt: later }))).toBeUndefined();
    expect(client.find(question({ owner: 'team:b' }))).toBeUndefined();
  });

  test('stops a stolen root key permanently, because its holder can write any time into tokens', async () => {
    await using at = await scene();
    const key = 'ab'.repeat(32);
    expect((await at.sign('issuer_key', key, '--issuer', ISSUER, '--for-ever')).code).toBe(0);
    const client = await pinned(at.publicKey, await at.list());
    const issuedAt = new Date(seconds(1_000_000) * 1000);
    expect(client.find(question({ issuerKey: key, issuedAt }))).toBeDefined();
  });

  test('refuses to sign for an agent that no token can name', async () => {
    await using at = await scene();
    for (const [scope, value] of [
      ['agent', 'local-idp#report-agent'],
      ['subject', 'local-idp#alice'],
      ['agent', 'report-agent'],
      ['agent', 'https://idp.example#'],
    ] as const) {
      expect(await at.sign(scope, value, '--issuer', ISSUER)).toMatchObject({
        code: 2,
        err: expect.stringContaining('ISSUER-URL#SUBJECT'),
      });
    }
    for (const [scope, value] of [
      ['agent', 'https://idp.example#report-agent'],
      ['agent', 'spiffe://acme.example/agents/analyst'],
      ['subject', 'team:growth'],
    ] as const) {
      expect(await at.sign(scope, value, '--issuer', ISSUER)).toMatchObject({ code: 0 });
    }
  });

  test('numbers statements, newest first, and drops those whose tokens have all expired', async () => {
    await using at = await scene();
    await at.sign('owner', 'a', '--issuer', ISSUER);
    await at.sign('owner', 'other issuer', '--issuer', 'https://other.example');
    at.wait(10_000);
    await at.sign('owner', 'b', '--issuer', ISSUER);
    const { out } = await at.verify('kills.json', '--json');
    expect(JSON.parse(out)).toMatchObject({
      kills: [
        { serial: 2, value: 'b' },
        { serial: 1, value: 'a' },
      ],
      passedOver: 1,
    });
    await at.sign('owner', 'c', '--issuer', ISSUER, '--drop-dead');
    expect(await at.list()).toHaveLength(3);
    const { kills } = JSON.parse((await at.verify('kills.json', '--json')).out);
    expect(kills.map(({ value }: { value: string }) => value)).toEqual(['c', 'b']);
  });

  test('counts the entries of a list that verifiers ignore, also from a URL', async () => {
    await using at = await scene();
    await at.sign('all', '--issuer', ISSUER);
    expect((await at.verify('kills.json')).code).toBe(0);
    const list = await at.list();
    const served = await hewn(
      ['kill', 'verify', 'https://status.example/k', '--public-key', at.publicKey].concat([
        '--issuer',
        ISSUER,
      ]),
      { fetch: async () => Response.json([...list, { payload: 'x', signature: 'y' }]) },
    );
    expect(served).toMatchObject({ code: 1, out: expect.stringContaining('1 valid, 1 ignored') });
    await writeFile(at.folder.file('kills.json'), '[]');
    expect((await at.verify('kills.json')).code).toBe(1);
  });

  test('loses no statement when several are signed at once, because the list is locked', async () => {
    await using at = await scene();
    const signed = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => at.sign('owner', name, '--issuer', ISSUER)),
    );
    const done = signed.filter(({ code }) => code === 0);
    expect(done.length).toBeGreaterThan(0);
    expect(await at.list()).toHaveLength(done.length);
    for (const { code, err } of signed) if (code !== 0) expect(err).toContain('is locked');
    await writeFile(at.folder.file('kills.json.lock'), '');
    expect((await at.sign('all', '--issuer', ISSUER)).err).toContain('try again');
  });

  test('leaves a malformed list and a full list unchanged', async () => {
    await using at = await scene();
    const file = at.folder.file('kills.json');
    await writeFile(file, '{"not":"a list"}');
    expect((await at.sign('all', '--issuer', ISSUER)).code).toBe(2);
    expect(await readFile(file, 'utf8')).toBe('{"not":"a list"}');
    await writeFile(file, JSON.stringify(Array(64).fill({})));
    const full = await at.sign('all', '--issuer', ISSUER);
    expect(full).toMatchObject({ code: 2, err: expect.stringContaining('--drop-dead') });
  });

  test('creates no key that git would track', async () => {
    await using folder = await emptyFolder();
    expect(spawnSync('git', ['init', '--quiet', folder.path]).status).toBe(0);
    const made = await hewn(['kill', 'new-key', '--key', folder.file('kill.json')]);
    expect(made).toMatchObject({ code: 2, err: expect.stringContaining('git') });
  });

  test.each<[string, string[], RegExp]>([
    ['no scope', [], /SCOPE must be one of/],
    ['an unknown scope', ['planet', 'earth'], /SCOPE must be one of/],
    ['an owner without a value', ['owner'], /needs a VALUE/],
    ['a value for all', ['all', 'x'], /no VALUE/],
    ['the id of a key instead of its public half', ['issuer_key', '1'], /64 hex/],
    [
      '--for-ever and --before',
      ['all', '--for-ever', '--before', '2026-11-23T10:00:00Z'],
      /exclude each other/,
    ],
    ['a malformed time', ['all', '--before', 'tomorrow'], /--before/],
    ['no issuer', ['all'], /--issuer/],
    [
      'another spelling of the issuer',
      ['all', '--issuer', 'https://ISSUER.example'],
      /as its tokens spell it/,
    ],
    ['too long a value', ['owner', 'x'.repeat(3_000), '--issuer', ISSUER], /too long/],
  ])('explains %s', async (_, words, why) => {
    await using at = await scene();
    expect(await at.sign(...words)).toMatchObject({ code: 2, err: expect.stringMatching(why) });
    await expect(at.list()).rejects.toThrow('ENOENT');
  });

  test('rejects any other file as a key, and prints no byte of it', async () => {
    await using at = await scene();
    await hewn(['keys', 'new', '--file', at.folder.file('mint.json')]);
    const words = ['sign', 'all', '--key', 'mint.json', '--list', 'kills.json', '--issuer', ISSUER];
    const { code, err } = await at.kill(...words);
    expect([code, err]).toEqual([
      2,
      expect.stringContaining('not a key file of hewn kill new-key'),
    ]);
    expect(err).not.toMatch(/[0-9a-f]{32}/);
  });
});
