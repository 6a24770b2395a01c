import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeRecords } from '../../../../src/feed/log/index.ts';
import type { WatermarkDraft } from '../../../../workers/issuer/feed/entry-draft.ts';
import {
  archive,
  env,
  follow,
  get,
  log,
  question,
  restartLog,
  seconds,
  watermarkRecord,
  workflow,
} from './scene.ts';

afterEach(() => reset());

const appendWatermark = (draft: WatermarkDraft) =>
  log().appendWatermark(draft, watermarkRecord(draft.value));
const seqOf = async (path: string): Promise<number> => {
  const { payload } = (await (await get(path)).json()) as { payload: string };
  return (JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { seq: number })
    .seq;
};

describe('the log', () => {
  test('numbers entries without gaps and appends a draft once, across a restart', async () => {
    expect(await log().append(workflow('wf_a'))).toMatchObject({ epoch: 1, seq: 1 });
    expect(await log().append(workflow('wf_b'))).toMatchObject({ epoch: 1, seq: 2 });
    expect(await log().append(workflow('wf_a'))).toMatchObject({ epoch: 1, seq: 1 });
    await restartLog();
    expect(await log().append(workflow('wf_c'))).toMatchObject({ epoch: 1, seq: 3 });
    expect(await log().append(workflow('wf_b'))).toMatchObject({ epoch: 1, seq: 2 });
  });

  test('signs heads that a verifier follows', async () => {
    await log().append(workflow('wf_a'));
    const { feed } = await follow();
    expect(await feed.refresh()).toMatchObject({ ok: true, value: { seq: 1, count: 1 } });
    await log().append(workflow('wf_b'));
    expect(await feed.refresh()).toMatchObject({ ok: true, value: { seq: 2, count: 2 } });
    expect(feed.find(question('wf_b'))).toMatchObject({ by: 'workflow', id: 'wf_b' });
    expect(feed.find(question('wf_x'))).toBeUndefined();
  });

  test('a suspension stops a workflow, and its tokens stay dead after the resumption', async () => {
    const times = { at: seconds(), expires: seconds() + 3_600 };
    const { feed } = await follow();
    await log().append({ kind: 'suspension', id: 'wf_a', gen: 1, ...times });
    await feed.refresh();
    expect(feed.find(question('wf_a'))).toMatchObject({ by: 'suspension' });
    expect(feed.find(question('wf_child', { ancestors: ['wf_a'] }))).toMatchObject({
      by: 'suspension',
    });
    expect(await log().isStopped(question('wf_a'))).toBe(true);

    await log().append({ kind: 'resumption', id: 'wf_a', gen: 2, ...times });
    await feed.refresh();
    for (const [gen, isStopped] of [
      [1, true],
      [2, false],
    ] as const) {
      expect(feed.find(question('wf_a', { gen })) !== undefined).toBe(isStopped);
      expect(await log().isStopped(question('wf_a', { gen }))).toBe(isStopped);
    }
    // The second one is another suspension, not a retry of the first.
    await log().append({ kind: 'suspension', id: 'wf_a', gen: 2, ...times });
    await feed.refresh();
    expect(feed.find(question('wf_a', { gen: 2 }))).toMatchObject({ by: 'suspension' });
    expect(await log().isStopped(question('wf_a', { gen: 2 }))).toBe(true);
  });

  test('one watermark stops all earlier tokens of an owner', async () => {
    const before = seconds() + 10;
    const draft = { scope: 'owner', value: 'team', before } as const;
    const times = { at: seconds(), expires: seconds() + 3_600 };
    const { feed } = await follow();
    expect(await appendWatermark({ kind: 'watermark', ...draft, ...times })).toMatchObject({
      ok: true,
    });
    await feed.refresh();
    expect(feed.find(question('wf_any'))).toMatchObject({ by: 'watermark', scope: 'owner' });
    expect(feed.find(question('wf_any', { owner: 'another' }))).toBeUndefined();
    const later = { issuedAt: new Date((before + 1) * 1000) };
    expect(feed.find(question('wf_any', later))).toBeUndefined();
    expect(await log().isStopped(question('wf_any'))).toBe(true);
    expect(await log().isStopped(question('wf_any', later))).toBe(false);
  });

  test('refuses a watermark that does not fit into a head, and drops no other', async () => {
    const times = { at: seconds(), expires: seconds() + 3_600 };
    let refused: unknown;
    for (let i = 1; i <= 65; i++) {
      const draft = { scope: 'agent', value: `agent-${i}`, before: seconds() } as const;
      const answer = await appendWatermark({ kind: 'watermark', ...draft, ...times });
      if (!answer.ok) refused = [i, answer.error.code];
    }
    expect(refused).toEqual([65, 'watermarks_full']);
    const { feed } = await follow();
    expect(await feed.refresh()).toMatchObject({ ok: true });
  });

  test('refuses watermarks of long names beyond what a verifier reads', async () => {
    const times = { at: seconds(), expires: seconds() + 3_600 };
    const codes: string[] = [];
    for (let i = 1; i <= 8; i++) {
      const value = `${'é'.repeat(1_000)}${i}`;
      const draft = { scope: 'agent', value, before: seconds() } as const;
      const answer = await appendWatermark({ kind: 'watermark', ...draft, ...times });
      codes.push(answer.ok ? 'ok' : answer.error.code);
    }
    expect(codes.at(0)).toBe('ok');
    expect(codes.at(-1)).toBe('watermarks_full');
    const { feed } = await follow();
    expect(await feed.refresh()).toMatchObject({ ok: true });
  });

  test('a head never goes back in time, even if the clock does', async () => {
    const later = seconds() + 30;
    await log().head();
    await runInDurableObject(log(), (_log, { storage }) => {
      storage.sql.exec('UPDATE log SET issued_at = ?', later);
    });
    await restartLog();
    const { feed } = await follow();
    expect(await feed.refresh()).toMatchObject({ ok: true, value: { issued_at: later } });
  });

  test('concurrent revocations never fork the chain', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, i) => log().append(workflow(`wf_${i}`))));
    const { feed } = await follow();
    expect(await feed.refresh()).toMatchObject({ ok: true, value: { seq: 50 } });
  });

  test('never goes back and changes no entry, even from inside', async () => {
    await log().append(workflow('wf_a'));
    await runInDurableObject(log(), (_log, { storage }) => {
      expect(() => storage.sql.exec('UPDATE entry SET expires = 0')).toThrow('never changed');
      expect(() => storage.sql.exec('DELETE FROM entry')).toThrow('stays');
      for (const column of ['epoch', 'seq', 'delta_from', 'issued_at']) {
        expect(() => storage.sql.exec(`UPDATE log SET ${column} = -1`)).toThrow('never goes back');
      }
      expect(() => storage.sql.exec('DELETE FROM log')).toThrow('never goes back');
    });
  });
});

describe('its routes', () => {
  test('serve the records between two positions as immutable', async () => {
    for (const id of ['wf_a', 'wf_b', 'wf_c']) await log().append(workflow(id));
    const response = await get('/feed/v2/0/1/deltas/1-3');
    expect(response.headers.get('cache-control')).toContain('immutable');
    const records = decodeRecords(new Uint8Array(await response.arrayBuffer()));
    expect(records?.map(({ entry }) => entry)).toMatchObject([{ id: 'wf_b' }, { id: 'wf_c' }]);
  });

  test.each([
    ['another epoch', '/feed/v2/0/2/deltas/0-1'],
    ['the future', '/feed/v2/0/1/deltas/0-2'],
    ['nothing', '/feed/v2/0/1/deltas/1-1'],
    ['what is behind', '/feed/v2/0/1/deltas/1-0'],
    ['what is no number', '/feed/v2/0/1/deltas/0-01'],
    ['more than two numbers', '/feed/v2/0/1/deltas/0-1-1'],
    ['a shard that is not served', '/feed/v2/1/1/deltas/0-1'],
    ['the head of such a shard', '/feed/v2/1/head'],
    ['a snapshot that was never made', `/feed/v2/0/1/snapshots/1-${'0'.repeat(64)}`],
  ])('answer 404 for %s, without caching', async (_, path) => {
    await log().append(workflow('wf_a'));
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('cache-control')).toBe('no-store');
    await response.body?.cancel();
  });

  test('answer a poll from the cache for a second, and other requests from the log', async () => {
    await log().append(workflow('wf_a'));
    const asked = Date.now();
    expect(await seqOf('/feed/v2/0/head?polled')).toBe(1);
    await log().append(workflow('wf_b'));
    expect(await seqOf('/feed/v2/0/head')).toBe(2);
    const polled = await seqOf('/feed/v2/0/head?polled');
    // On a busy machine the second may be over.
    expect(polled === 1 || Date.now() - asked >= 1_000).toBe(true);
    // No other spelling of a poll bypasses the cache.
    expect((await get('/feed/v2/0/head?polled&and=more')).status).toBe(400);
    await new Promise((passed) => setTimeout(passed, 1_500));
    expect(await seqOf('/feed/v2/0/head?polled')).toBe(2);
  });

  test('answer a poll without a cache, or if it fails', async () => {
    const fault = () => {
      throw new Error('No Cache was configured');
    };
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    vi.spyOn(caches.default, 'match').mockImplementation(fault);
    vi.spyOn(caches.default, 'put').mockImplementation(fault);
    await log().append(workflow('wf_1'));
    expect(await seqOf('/feed/v2/0/head?polled')).toBe(1);
    vi.restoreAllMocks();
  });

  test('serve the head in full and never cached', async () => {
    const response = await get('/feed/v2/0/head');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(Object.keys((await response.json()) as object).sort()).toEqual(['payload', 'signature']);
  });
});

test('an entry is in the archive before the caller is answered', async () => {
  expect(await log().append(workflow('wf_a'))).toMatchObject({ archived: true });
  expect(await archive().position()).toMatchObject({ epoch: 1, seq: 1 });
  expect(await archive().since(0, seconds())).toMatchObject([{ ordered: 'workflow wf_a' }]);
  expect(env.FEED_SHARDS).toBeUndefined();
});
