import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import {
  FeedClient,
  type FeedEntry,
  type FeedFloor,
  type FloorStore,
  type Head,
} from '../../../src/feed/index.ts';
import { at, ISSUER, unwrap } from '../fixtures/issuer.ts';
import {
  deltaOf,
  entry,
  feedKeys,
  headOver,
  json,
  type LocalServer,
  question,
  serve,
  sign,
  snapshotOf,
} from '../fixtures/log.ts';

const LOG = [1, 2, 3, 4, 5].map((seq) => entry(seq));

interface Shown {
  head: Head;
  log: readonly FeedEntry[];
  snapshot?: Uint8Array;
  /** Answers instead of the honest log. */
  instead?: ((path: string, response: ServerResponse) => boolean) | undefined;
}

const serveLog = (shown: Shown): Promise<LocalServer> =>
  serve(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://feed');
    if (shown.instead?.(url.pathname, response)) return;
    if (url.pathname === '/feed/v2/0/head') return json(response, await sign(shown.head));
    if (url.pathname.includes('/snapshots/')) return void response.end(shown.snapshot);
    const [from = 0, to = 0] = (url.pathname.split('/').at(-1) ?? '').split('-').map(Number);
    response.end(deltaOf(shown.log.filter(({ seq }) => seq > from && seq <= to)));
  });

const clientOf = (
  server: LocalServer,
  now = () => at(0),
  refreshMilliseconds = 2_000,
  floor?: FloorStore,
) =>
  new FeedClient({
    ...(floor && { floor }),
    issuer: ISSUER,
    feedKey: feedKeys.publicKey,
    now,
    refreshMilliseconds,
    // outage-backoff.test.ts tests how a failed refresh is remembered.
    retryMilliseconds: 0,
    fetch: (path, init) => fetch(`${server.url}${path}`, init),
  });

const raw =
  (body: string | Uint8Array, status = 200, on = '/feed/v2/0/head') =>
  (path: string, response: ServerResponse) => {
    if (path !== on) return false;
    response.writeHead(status).end(body);
    return true;
  };

describe('a feed client', () => {
  test('requests the head and then deltas up to each multiple of 1,024 entries', async () => {
    const log = Array.from({ length: 1_030 }, (_, index) => entry(index + 1));
    const shown: Shown = { head: await headOver(log.slice(0, 5), 0), log };
    await using server = await serveLog(shown);
    const client = clientOf(server);
    expect(unwrap(await client.refresh()).seq).toBe(5);
    shown.head = await headOver(log, 0);
    expect(unwrap(await client.refresh()).seq).toBe(1_030);
    expect(server.asked).toEqual([
      '/feed/v2/0/head',
      '/feed/v2/0/1/deltas/0-5',
      '/feed/v2/0/head',
      '/feed/v2/0/1/deltas/5-1024',
      '/feed/v2/0/1/deltas/1024-1030',
    ]);
    expect(client.find(question({ workflow: 'wf_1030' }))).toBeDefined();
  });

  test('starts from a snapshot if there is one, and continues with deltas', async () => {
    const { bytes, reference: snapshot } = await snapshotOf(LOG.slice(0, 3));
    const head = await headOver(LOG, 0, { snapshot, delta_from: 3 });
    await using server = await serveLog({ head, log: LOG, snapshot: bytes });
    const client = clientOf(server);
    unwrap(await client.refresh());
    expect(server.asked.slice(1)).toEqual([
      `/feed/v2/0/1/snapshots/3-${snapshot.hash}`,
      '/feed/v2/0/1/deltas/3-5',
    ]);
    for (const workflow of ['wf_1', 'wf_5']) {
      expect(client.find(question({ workflow }))).toBeDefined();
    }
  });

  test('falls back to the snapshot if a delta is missing', async () => {
    const shown: Shown = { head: await headOver(LOG.slice(0, 1), 0), log: LOG };
    await using server = await serveLog(shown);
    const client = clientOf(server);
    unwrap(await client.refresh());
    const { bytes, reference: snapshot } = await snapshotOf(LOG);
    shown.head = await headOver(LOG, 1, { snapshot });
    shown.snapshot = bytes;
    shown.instead = raw('', 404, '/feed/v2/0/1/deltas/1-5');
    unwrap(await client.refresh());
    expect(server.asked.at(-1)).toContain('/snapshots/5-');
    expect(client.find(question())).toBeDefined();
  });

  test('keeps its position across a restart and rejects anything older', async () => {
    const shown: Shown = { head: await headOver(LOG, 1), log: LOG };
    await using server = await serveLog(shown);
    const saved: FeedFloor[] = [];
    const floor = {
      load: async () => saved.at(-1),
      save: async (one: FeedFloor) => void saved.push(one),
    };
    unwrap(await clientOf(server, undefined, undefined, floor).refresh());
    const { epoch, seq, chain, issued_at } = shown.head;
    expect(saved).toEqual([{ epoch, seq, chain, issued_at }]);
    shown.head = await headOver(LOG.slice(0, 4), 1);
    expect(await clientOf(server, undefined, undefined, floor).refresh()).toMatchObject({
      error: { code: 'head_rollback' },
    });
    expect((await clientOf(server).refresh()).ok).toBe(true); // Without a floor it is new to it.
    const broken = { ...floor, load: () => Promise.reject(new Error('disk')) };
    expect(await clientOf(server, undefined, undefined, broken).refresh()).toMatchObject({
      error: { code: 'floor_unreadable' },
    });
  });

  test('requests only new entries, and only the head if nothing is new', async () => {
    const shown: Shown = { head: await headOver(LOG.slice(0, 3), 0), log: LOG };
    await using server = await serveLog(shown);
    const client = clientOf(server);
    unwrap(await client.refresh());
    unwrap(await client.refresh());
    shown.head = await headOver(LOG, 1);
    unwrap(await client.refresh());
    expect(server.asked.slice(2)).toEqual([
      '/feed/v2/0/head',
      '/feed/v2/0/head',
      '/feed/v2/0/1/deltas/3-5',
    ]);
  });

  test('starts over in a new epoch', async () => {
    const shown: Shown = { head: await headOver(LOG, 0), log: LOG };
    await using server = await serveLog(shown);
    const client = clientOf(server);
    unwrap(await client.refresh());
    const { epoch, seq, chain } = shown.head;
    const start = { epoch: 2, previous: { epoch, seq, chain } };
    const { bytes, reference } = await snapshotOf(LOG, start);
    const snapshot = { ...reference, seq: 5, chain: (await headOver([], 0, start)).chain };
    Object.assign(shown, { snapshot: bytes, log: [entry(6)] });
    shown.head = await headOver([entry(6)], 0, { ...start, snapshot });
    unwrap(await client.refresh());
    expect(server.asked.slice(-2)).toEqual([
      `/feed/v2/0/2/snapshots/5-${snapshot.hash}`,
      '/feed/v2/0/2/deltas/5-6',
    ]);
  });

  test('runs one refresh at a time and shares the next among all callers that arrive meanwhile', async () => {
    await using server = await serveLog({ head: await headOver([], 0), log: [] });
    const client = clientOf(server);
    const asked = Array.from({ length: 50 }, () => client.refresh());
    expect((await Promise.all(asked)).every(({ ok }) => ok)).toBe(true);
    expect(server.asked).toHaveLength(2);
    unwrap(await client.refresh());
    expect(server.asked).toHaveLength(3);
  });

  test('is due at once, and again a second after each attempt', async () => {
    let now = at(0);
    await using server = await serveLog({ head: await headOver([], 0), log: [] });
    const client = clientOf(server, () => now);
    expect(client.due).toBe(true);
    unwrap(await client.refresh());
    now += 999;
    expect(client.due).toBe(false);
    now += 1;
    expect(client.due).toBe(true);
  });
});

describe('a failure leaves the last good state in force:', () => {
  const delta = '/feed/v2/0/1/deltas/3-5';
  const never = () => true;
  const dribble = (_path: string, response: ServerResponse) => {
    response.writeHead(200).write('{');
    return true;
  };

  test.each<[string, Shown['instead'], string]>([
    ['a 500', raw('down', 500), 'feed_unreachable'],
    ['a 404', raw('', 404), 'feed_unreachable'],
    ['an empty 204', raw('', 204), 'feed_malformed'],
    ['not JSON', raw('<html>'), 'feed_malformed'],
    ['not UTF-8', raw(Buffer.from([0xc3, 0x28])), 'feed_malformed'],
    ['JSON of another form', raw('{"head":1}'), 'head_malformed'],
    ['a head over 24 KiB', raw(`"${'x'.repeat(24 * 1024)}"`), 'feed_malformed'],
    ['no answer in time', never, 'feed_unreachable'],
    ['a body that never ends', dribble, 'feed_unreachable'],
    ['a 500 for the delta', raw('down', 500, delta), 'feed_unreachable'],
    ['a malformed delta', raw('{}', 200, delta), 'delta_malformed'],
    ['an empty delta', raw('', 200, delta), 'entries_gap'],
    ['a delta over 4 MiB', raw('x'.repeat(4 * 1024 * 1024 + 1), 200, delta), 'feed_malformed'],
    [
      'a delta that was cut short',
      raw(deltaOf(LOG.slice(3)).subarray(0, -1), 200, delta),
      'delta_malformed',
    ],
    [
      'more entries than requested',
      raw(deltaOf([...LOG.slice(3), entry(6)]), 200, delta),
      'entries_gap',
    ],
  ])('%s', async (_, instead, code) => {
    const shown: Shown = { head: await headOver(LOG.slice(0, 3), 0), log: LOG };
    await using server = await serveLog(shown);
    const client = clientOf(server, () => at(0), 1_500);
    const before = unwrap(await client.refresh());
    shown.head = await headOver(LOG, 1);
    shown.instead = instead;
    expect(await client.refresh()).toMatchObject({ ok: false, error: { code } });
    expect(client.head).toEqual(before);
    expect(client.find(question())).toEqual({ by: 'workflow', id: 'wf_1' });
    shown.instead = undefined;
    expect(unwrap(await client.refresh()).seq).toBe(5);
  });

  test('an unreachable server', async () => {
    const server = await serve(() => {});
    await server[Symbol.asyncDispose]();
    expect(await clientOf(server).refresh()).toMatchObject({ error: { code: 'feed_unreachable' } });
  });

  test('a fetch whose promise ended with the request that made it', async () => {
    let dead = true;
    await using server = await serveLog({ head: await headOver([], 0), log: [] });
    const client = new FeedClient({
      issuer: ISSUER,
      feedKey: feedKeys.publicKey,
      now: () => at(0),
      refreshMilliseconds: 500, // On a busy machine an honest answer takes over 50 ms.
      retryMilliseconds: 0,
      fetch: (path, init) =>
        dead ? new Promise<Response>(() => {}) : fetch(`${server.url}${path}`, init),
    });
    expect(await client.refresh()).toMatchObject({ error: { why: 'TimeoutError' } });
    dead = false;
    expect((await client.refresh()).ok).toBe(true);
  });
});
