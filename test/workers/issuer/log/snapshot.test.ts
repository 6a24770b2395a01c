import { reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { SNAPSHOT_ENTRIES } from '../../../../src/limits.ts';
import { isSnapshotNear, SNAPSHOT_ENTRIES_MAX } from '../../../../workers/issuer/feed/snapshots.ts';
import { env, follow, get, log, question, restartLog, seconds, workflow } from './scene.ts';

afterEach(() => reset());

async function appendMany(from: number, to: number, expires?: number): Promise<void> {
  for (let at = from; at < to; at += 128) {
    const ids = Array.from({ length: Math.min(128, to - at) }, (_, i) => `wf_${at + i}`);
    await log().appendAll(ids.map((id) => workflow(id, expires)));
  }
}

const alarm = () => runDurableObjectAlarm(env.REVOCATION_LOG.getByName('default'));

const rows = (table: string): Promise<number> =>
  runInDurableObject(log(), (_log, { storage }) =>
    Number(storage.sql.exec(`SELECT COUNT(*) AS count FROM ${table}`).one().count),
  );

describe('snapshots', () => {
  test('let a late verifier start from one snapshot and the entries after it', async () => {
    await appendMany(0, SNAPSHOT_ENTRIES);
    await alarm();
    await log().append(workflow('wf_after'));
    const { feed, requested } = await follow();
    expect(await feed.refresh()).toMatchObject({
      ok: true,
      value: { seq: SNAPSHOT_ENTRIES + 1, snapshot: { seq: SNAPSHOT_ENTRIES } },
    });
    for (const id of ['wf_0', `wf_${SNAPSHOT_ENTRIES - 1}`, 'wf_after']) {
      expect(feed.find(question(id))).toMatchObject({ by: 'workflow' });
    }
    expect(feed.find(question('wf_other'))).toBeUndefined();
    expect(requested.length).toBeGreaterThan(1);
  });

  test('let an existing verifier continue with deltas across a new snapshot', async () => {
    const { feed, requested } = await follow();
    await log().append(workflow('wf_first'));
    await feed.refresh();
    await appendMany(0, SNAPSHOT_ENTRIES);
    await alarm();
    requested.length = 0;
    expect(await feed.refresh()).toMatchObject({ ok: true });
    expect(requested.filter((path) => path.includes('snapshot'))).toEqual([]);
    expect(feed.find(question('wf_7'))).toMatchObject({ by: 'workflow' });
  });

  test('contain suspensions and generations as well', async () => {
    const times = { at: seconds(), expires: seconds() + 3_600 };
    await log().append({ kind: 'suspension', id: 'wf_s', gen: 1, ...times });
    await log().append({ kind: 'suspension', id: 'wf_r', gen: 1, ...times });
    await log().append({ kind: 'resumption', id: 'wf_r', gen: 2, ...times });
    await appendMany(0, SNAPSHOT_ENTRIES);
    await alarm();
    const { feed } = await follow();
    await feed.refresh();
    expect(feed.find(question('wf_s'))).toMatchObject({ by: 'suspension' });
    expect(feed.find(question('wf_r', { gen: 1 }))).toMatchObject({ by: 'generation' });
    expect(feed.find(question('wf_r', { gen: 2 }))).toBeUndefined();
  });

  test('are immutable, and are deleted when no head names them any more', async () => {
    const snapshotOf = async (): Promise<string> => {
      const { feed } = await follow();
      const head = await feed.refresh();
      if (!head.ok || !head.value.snapshot) throw new Error('no snapshot');
      return `/feed/v2/0/1/snapshots/${head.value.snapshot.seq}-${head.value.snapshot.hash}`;
    };
    const paths: string[] = [];
    for (let round = 0; round < 3; round++) {
      await appendMany(round * 2_000, round * 2_000 + SNAPSHOT_ENTRIES);
      await alarm();
      paths.push(await snapshotOf());
    }
    expect(new Set(paths).size).toBe(3);
    const statuses = await Promise.all(paths.map(async (path) => (await get(path)).status));
    expect(statuses).toEqual([404, 200, 200]);
    const wrongHash = `${paths[2]?.slice(0, -1)}${paths[2]?.endsWith('0') ? '1' : '0'}`;
    expect((await get(wrongHash)).status).toBe(404);
  });
});

test('dead entries are purged when no delta needs them, and the numbers continue', async () => {
  await appendMany(0, SNAPSHOT_ENTRIES, seconds() - 1);
  await alarm();
  await appendMany(2_000, 2_000 + SNAPSHOT_ENTRIES);
  await alarm();
  expect(await rows('entry')).toBe(SNAPSHOT_ENTRIES);
  await restartLog();
  expect(await log().append(workflow('wf_next'))).toMatchObject({
    seq: 2 * SNAPSHOT_ENTRIES + 1,
  });
  const { feed } = await follow();
  expect(await feed.refresh()).toMatchObject({
    ok: true,
    value: { count: SNAPSHOT_ENTRIES + 1, delta_from: SNAPSHOT_ENTRIES },
  });
  expect(feed.find(question('wf_next'))).toMatchObject({ by: 'workflow' });
  expect(feed.find(question('wf_2000'))).toMatchObject({ by: 'workflow' });
});

describe('the work of a large log', () => {
  const state = (seq: number, live: number) => ({
    epoch: 1,
    seq,
    chain: '',
    previous: null,
    deltaFrom: 0,
    live,
    issuedAt: 0,
  });

  test.each([
    ['a small one', 500, SNAPSHOT_ENTRIES],
    ['one of 100,000', 100_000, 12_500],
    ['one of a million', 1_000_000, SNAPSHOT_ENTRIES_MAX],
  ])('makes a snapshot of %s when enough entries are new', (_, live, entries) => {
    expect(isSnapshotNear(state(entries - 1, live), undefined)).toBe(false);
    expect(isSnapshotNear(state(entries, live), undefined)).toBe(true);
  });

  test('finds the watermarks of a head without reading other entries', async () => {
    await appendMany(0, 10);
    await runInDurableObject(log(), (_log, { storage }) => {
      const plan = storage.sql
        .exec(
          `EXPLAIN QUERY PLAN SELECT record FROM entry INDEXED BY entry_watermark
           WHERE kind = 'watermark' AND expires >= 0 ORDER BY seq`,
        )
        .toArray()
        .map(({ detail }) => String(detail));
      expect(plan).toEqual([expect.stringContaining('USING INDEX entry_watermark')]);
      const { rowsRead } = storage.sql.exec(
        `SELECT record FROM entry INDEXED BY entry_watermark
           WHERE kind = 'watermark' AND expires >= 0`,
      );
      expect(rowsRead).toBeLessThanOrEqual(1);
    });
  });
});
