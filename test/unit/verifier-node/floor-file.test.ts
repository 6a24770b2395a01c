import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { FeedClient } from '../../../src/feed/index.ts';
import { floorFile } from '../../../src/verifier-node/index.ts';
import { emptyFolder } from '../cli/scene.ts';
import { at, ISSUER } from '../fixtures/issuer.ts';
import { deltaOf, entry, feedKeys, headOver, seconds, sign } from '../fixtures/log.ts';

const LOG = [1, 2, 3].map((seq) => entry(seq));
const FLOOR = { epoch: 1, seq: 3, chain: 'ab'.repeat(32), issued_at: seconds(0) };

/** One run of a verifier: it follows a log of that many entries, and remembers in the file. */
function life(file: string, count: number, offset = 0) {
  const log = LOG.slice(0, count);
  return new FeedClient({
    issuer: ISSUER,
    feedKey: feedKeys.publicKey,
    now: () => at(offset),
    floor: floorFile(file),
    fetch: async (path) =>
      path.endsWith('/head')
        ? Response.json(await sign(await headOver(log, offset)))
        : new Response(deltaOf(log)),
  });
}

describe('a floor in a file', () => {
  test('keeps a restarted verifier from following an older log', async () => {
    await using folder = await emptyFolder();
    const file = folder.file('feed.floor');
    expect((await life(file, 3, 1).refresh()).ok).toBe(true);
    expect(await life(file, 2, 2).refresh()).toMatchObject({ error: { code: 'head_rollback' } });
    expect(await life(file, 3, 0).refresh()).toMatchObject({ error: { code: 'head_rollback' } });
    expect((await life(file, 3, 1).refresh()).ok).toBe(true);
    expect(await readdir(folder.path)).toEqual(['feed.floor']);
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, -3)],
    ['empty', () => ''],
    ['of another form', (text: string) => text.replace('"epoch"', '"epochs"')],
    ['with an unknown member', (text: string) => text.replace('{', '{"v":1,')],
    ['with a negative position', (text: string) => text.replace('"seq":3', '"seq":-1')],
  ])('stops the feed while it is %s, and is not changed', async (_, damage) => {
    await using folder = await emptyFolder();
    const file = folder.file('feed.floor');
    await life(file, 3).refresh();
    const good = await readFile(file, 'utf8');
    await writeFile(file, damage(good));
    const client = life(file, 3);
    expect(await client.refresh()).toEqual({ ok: false, error: { code: 'floor_unreadable' } });
    expect(client.head).toBeUndefined();
    expect(await readFile(file, 'utf8')).toBe(damage(good));
    await writeFile(file, good);
    expect((await client.refresh()).ok).toBe(true);
  });

  test('stops the feed if it exists and cannot be opened', async () => {
    await using folder = await emptyFolder();
    // A folder instead of a file: even root cannot read that.
    expect(await life(folder.path, 3).refresh()).toMatchObject({
      error: { code: 'floor_unreadable' },
    });
  });

  test('only moves forward, in whatever order its writes arrive', async () => {
    await using folder = await emptyFolder();
    const store = floorFile(folder.file('feed.floor'));
    const places = [3, 9, 5, 10, 1].map((seq) => ({ ...FLOOR, seq }));
    await Promise.all(places.map((floor) => store.save(floor)));
    expect(await store.load()).toEqual({ ...FLOOR, seq: 10 });
  });

  test('reports a failed write, and tries the next one', async () => {
    await using folder = await emptyFolder();
    const file = folder.file('deep/feed.floor');
    const store = floorFile(file);
    await expect(store.save(FLOOR)).rejects.toThrow('ENOENT');
    const there = floorFile(folder.file('feed.floor'));
    await there.save(FLOOR);
    await writeFile(folder.file('feed.floor.draft'), 'what a crash has left');
    await there.save({ ...FLOOR, seq: 4 });
    expect(await there.load()).toMatchObject({ seq: 4 });
    await rm(folder.file('feed.floor'));
    expect(await there.load()).toBeUndefined();
  });
});
