import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/encoding.ts';
import type { FeedEntry, Head } from '../../../src/feed/index.ts';
import { auditExtension } from '../../../src/feed/log/index.ts';
import { Outside, POLICY, WitnessedLog } from '../feed/witnessed/scene.ts';
import { ISSUER } from '../fixtures/issuer.ts';
import { deltaOf, entry, feedKeys, headOver, seconds, sign, snapshotOf } from '../fixtures/log.ts';
import { emptyFolder, hewn } from './scene.ts';

const LOG = [
  ...[1, 2, 3].map((seq) => entry(seq)),
  entry(4, { kind: 'block', id: 'ab'.repeat(64) }),
  entry(5, { kind: 'suspension', id: 'wf_held' }),
];
const hexOf = async (key: CryptoKey): Promise<string> =>
  toHex(new Uint8Array((await crypto.subtle.exportKey('raw', key)) as ArrayBuffer));
const FEED_KEY = await hexOf(feedKeys.publicKey);
const WATERMARK = { scope: 'owner', value: 'team:a', before: seconds(0), expires: seconds(3_600) };

interface Shown {
  readonly log?: readonly FeedEntry[];
  readonly changes?: Partial<Head>;
  readonly shards?: number;
  /** Deltas from 0 are missing, as after a compaction that raced with the head. */
  readonly noDeltasFrom0?: boolean;
  readonly snapshot?: Uint8Array<ArrayBuffer>;
}

/** A `fetch` that serves the feed of an issuer. */
const feedOf =
  ({ log = LOG, changes = {}, shards = 1, noDeltasFrom0, snapshot }: Shown = {}): typeof fetch =>
  async (input) => {
    const { pathname } = new URL(String(input));
    const shard = Number(pathname.split('/')[3]);
    if (shard >= shards) return new Response(null, { status: 404 });
    if (pathname.endsWith('/head')) {
      return Response.json(await sign(await headOver(log, 0, { shard, ...changes })));
    }
    if (pathname.includes('/snapshots/')) return new Response(snapshot ?? null);
    const [from = 0, to = 0] = (pathname.split('/').at(-1) ?? '').split('-').map(Number);
    if (noDeltasFrom0 && from === 0) return new Response(null, { status: 404 });
    return new Response(deltaOf(log.filter(({ seq }) => seq > from && seq <= to)));
  };

async function scene(shown: Shown = {}) {
  const folder = await emptyFolder();
  let offset = 1;
  const feed = (words: readonly string[], key = FEED_KEY, fetching = feedOf(shown)) =>
    hewn(['feed', ...words], {
      cwd: folder.path,
      home: folder.path,
      fetch: fetching,
      now: () => new Date(seconds(offset) * 1000),
      variable: (name) => ({ HEWN_ISSUER: ISSUER, HEWN_FEED_KEY: key })[name],
    });
  return {
    folder,
    feed,
    at: (other: number) => {
      offset = other;
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

// It may have been revoked, and its entry dropped because none of its tokens can be alive.
const NO_ENTRY = 'wf_x  has no entry: it is not stopped, or none of its tokens can still be valid';

const offline: typeof fetch = () => Promise.reject(new TypeError('no network'));

describe('hewn feed', () => {
  test('exports a file that verifies without a network, and prints its state', async () => {
    await using at = await scene({ changes: { watermarks: [WATERMARK] as Head['watermarks'] } });
    expect(await at.feed(['export', '--out', 'feed.bin'])).toMatchObject({ code: 0, err: '' });
    expect(await readdir(at.folder.path)).toEqual(['feed.bin']);
    const ran = await at.feed(['verify', 'feed.bin', '--max-age', '60'], FEED_KEY, offline);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toMatch(/position +1\.5\n.*, 1 s ago\n +revoked +5 /);
    expect(ran.out).toContain('owner "team:a": issued before');
    const { out } = await at.feed(['verify', 'feed.bin', '--json'], FEED_KEY, offline);
    expect(JSON.parse(out)).toMatchObject({
      good: true,
      issuer: ISSUER,
      epoch: 1,
      seq: 5,
      ageSeconds: 1,
      keys: [{ id: 1 }],
      watermarks: [{ scope: 'owner', value: 'team:a' }],
    });
  });

  test.each([
    ['a revoked workflow', ['--workflow', 'wf_2'], 1, 'wf_2  is revoked'],
    ['a suspended workflow', ['--workflow', 'wf_held'], 1, 'wf_held  is suspended'],
    ['a revoked block', ['--block', 'ab'.repeat(64)], 1, 'is revoked'],
    ['a child of a revoked workflow', ['--workflow', 'wf_2.a'], 1, 'wf_2.a  is revoked'],
    ['ids without an entry', ['--workflow', 'wf_x', '--block', 'cd'.repeat(64)], 0, NO_ENTRY],
  ])('looks up %s', async (_, words, code, says) => {
    await using at = await scene();
    await at.feed(['export', '--out', 'feed.bin']);
    const ran = await at.feed(['verify', 'feed.bin', ...words], FEED_KEY, offline);
    expect(ran).toMatchObject({ code, out: expect.stringContaining(says) });
  });

  test('exports only the snapshot if deltas are missing', async () => {
    const { bytes, reference: snapshot } = await snapshotOf(LOG.slice(0, 4));
    await using at = await scene({ noDeltasFrom0: true, snapshot: bytes, changes: { snapshot } });
    expect(await at.feed(['export', '--out', 'feed.bin'])).toMatchObject({ code: 0 });
    expect((await at.feed(['verify', 'feed.bin', '--workflow', 'wf_2'])).code).toBe(1);
    expect((await at.feed(['verify', 'feed.bin', '--workflow', 'wf_held'])).code).toBe(1);
  });

  test('exports a feed that needs several deltas', async () => {
    const log = Array.from({ length: 1_030 }, (_, index) => entry(index + 1));
    await using at = await scene({ log });
    expect(await at.feed(['export', '--out', 'feed.bin'])).toMatchObject({ code: 0 });
    expect((await at.feed(['verify', 'feed.bin', '--workflow', 'wf_1030'])).code).toBe(1);
  });

  test('exports every shard that is served', async () => {
    await using at = await scene({ shards: 3 });
    expect(await at.feed(['export', '--all', '--out', 'feeds'])).toMatchObject({ code: 0 });
    const files = await readdir(at.folder.file('feeds'));
    expect(files.sort()).toEqual(['shard-0.bin', 'shard-1.bin', 'shard-2.bin']);
    expect((await at.feed(['verify', 'feeds/shard-2.bin', '--shard', '2'])).code).toBe(0);
    const other = await at.feed(['verify', 'feeds/shard-2.bin']);
    expect(other).toMatchObject({ code: 1, out: expect.stringContaining('another shard') });
  });

  test('rejects a file older than the floor, and records no floor for a rejected file', async () => {
    await using at = await scene();
    await at.feed(['export', '--out', 'feed.bin']);
    const earlier = feedOf({ log: LOG.slice(0, 3) });
    await at.feed(['export', '--out', 'old.bin'], FEED_KEY, earlier);
    const verify = (file: string) =>
      at.feed(['verify', file, '--floor', 'feed.floor', '--keep'], FEED_KEY, offline);
    expect((await verify('feed.bin')).code).toBe(0);
    const floor = await readFile(at.folder.file('feed.floor'), 'utf8');
    expect(JSON.parse(floor)).toMatchObject({ epoch: 1, seq: 5 });
    expect(await verify('old.bin')).toMatchObject({
      code: 1,
      out: expect.stringContaining('rolled back'),
    });
    expect(await readFile(at.folder.file('feed.floor'), 'utf8')).toBe(floor);
    await writeFile(at.folder.file('feed.floor'), floor.slice(0, 20));
    expect(await verify('feed.bin')).toMatchObject({
      code: 2,
      err: expect.stringContaining('damaged'),
    });
  });

  test('reports a head that is older than --max-age', async () => {
    await using at = await scene();
    await at.feed(['export', '--out', 'feed.bin']);
    at.at(62);
    const ran = await at.feed(['verify', 'feed.bin', '--max-age', '60']);
    expect(ran).toMatchObject({ code: 1, out: expect.stringContaining('too old') });
    expect((await at.feed(['verify', 'feed.bin'])).code).toBe(0);
  });

  test('rejects another key, a changed file and a missing file, and exports no invalid feed', async () => {
    await using at = await scene();
    const other = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as {
      publicKey: CryptoKey;
    };
    const hex = await hexOf(other.publicKey);
    expect(await at.feed(['export', '--out', 'feed.bin'], hex)).toMatchObject({
      code: 2,
      err: expect.stringContaining('not signed with the feed key'),
    });
    expect(await readdir(at.folder.path)).toEqual([]);
    await at.feed(['export', '--out', 'feed.bin']);
    expect((await at.feed(['verify', 'feed.bin'], hex)).code).toBe(1);
    const bytes = await readFile(at.folder.file('feed.bin'));
    await writeFile(at.folder.file('feed.bin'), bytes.subarray(0, bytes.length - 1));
    expect((await at.feed(['verify', 'feed.bin'])).code).toBe(1);
    expect((await at.feed(['verify', 'none.bin'])).code).toBe(2);
    expect((await stat(at.folder.file('feed.bin'))).mode & 0o777).toBe(0o644);
  });

  test('status follows the feed once', async () => {
    await using at = await scene();
    const ran = await at.feed(['status']);
    expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('signed and complete') });
    expect(JSON.parse((await at.feed(['status', '--json'])).out)).toMatchObject({ seq: 5 });
    expect(await at.feed(['status'], FEED_KEY, offline)).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot reach'),
    });
  });

  test.each<[string, string[], RegExp]>([
    ['no --out', ['export'], /--out/],
    ['--all and --shard', ['export', '--out', 'x', '--all', '--shard', '1'], /exclude each other/],
    ['no file', ['verify'], /one FILE/],
    ['--keep without --floor', ['verify', 'x', '--keep'], /--floor/],
    ['a shard out of range', ['status', '--shard', '65536'], /--shard/],
    ['a malformed age', ['verify', 'x', '--max-age', '1m'], /--max-age/],
    ['a malformed key', ['status', '--feed-key', 'abc'], /64 hex/],
  ])('explains %s', async (_, words, why) => {
    await using at = await scene();
    expect(await at.feed(words)).toMatchObject({ code: 2, err: expect.stringMatching(why) });
  });
});

describe('hewn feed status with witnesses', () => {
  /** Serves a head whose checkpoint these witnesses have cosigned. */
  async function witnessed(ask: readonly number[]) {
    const outside = new Outside();
    outside.now = 1;
    const log = new WitnessedLog(outside);
    const bare = await log.head(1);
    const head = log.carry(bare, log.checkpoint({ ask }));
    const audit = `issuer.example/audit/root\n812\n${'A'.repeat(43)}=\n\n\u2014 a AAAAAAAA\n`;
    const extensions = [auditExtension(audit), ...(head.extensions ?? [])];
    const at = await scene({ log: [] });
    await writeFile(`${at.folder.path}/policy`, POLICY);
    const fetching: typeof fetch = async () => Response.json(await sign({ ...head, extensions }));
    const ran = await at.feed(['status'], FEED_KEY, fetching);
    const demanded = await at.feed(['status', '--witnesses', 'policy'], FEED_KEY, fetching);
    const json = await at.feed(['status', '--json'], FEED_KEY, fetching);
    await at[Symbol.asyncDispose]();
    return { ran, demanded, json: JSON.parse(json.out) };
  }

  test('shows who has seen the head, and that nothing was verified without a policy', async () => {
    const { ran, demanded, json } = await witnessed([0, 2]);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toMatch(/witness +"witness.example\/w1" at \S+Z \(not verified\)/);
    expect(ran.out).toMatch(/audit +"issuer.example\/audit\/root": 812 entries/);
    expect(ran.out).not.toContain('extension');
    expect(demanded).toMatchObject({ code: 0, err: '' });
    expect(demanded.out).toMatch(/witness +"w1" at \S+Z\n +witness +"w3" at \S+Z\n/);
    expect(json).toMatchObject({
      witnesses: [
        { witness: 'witness.example/w1', verified: false },
        { witness: 'witness.example/w3', verified: false },
      ],
      audit: { log: 'issuer.example/audit/root', size: 812 },
    });
  });

  test('fails if too few witnesses of the policy have seen the head', async () => {
    const { ran, demanded } = await witnessed([1]);
    expect(ran.code).toBe(0);
    expect(demanded).toMatchObject({ code: 2, out: '' });
    expect(demanded.err).toContain('too few witnesses of the policy have seen the head (w2)');
  });

  test('refuses a policy that it cannot read', async () => {
    await using at = await scene();
    const ask = (file: string) => at.feed(['status', '--witnesses', file]);
    expect((await ask('none')).err).toContain('cannot read the policy none');
    await writeFile(`${at.folder.path}/policy`, 'witness w1\n');
    expect((await ask('policy')).err).toContain('line 1 of the policy is invalid');
  });
});
