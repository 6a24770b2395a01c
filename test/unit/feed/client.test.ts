import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { FeedClient, type FeedEntry, type Head } from '../../../src/feed/index.ts';
import { at, ISSUER, must } from '../fixtures/issuer.ts';
import { entry, feedKeys, headOver, json, type LocalServer, serve, sign } from '../fixtures/log.ts';

const LOG = [1, 2, 3, 4, 5].map((seq) => entry(seq));

interface Shown {
  head: Head;
  log: readonly FeedEntry[];
  pageSize?: number;
  /** Answers in place of the honest log. */
  instead?: ((path: string, response: ServerResponse) => boolean) | undefined;
}

const serveLog = (shown: Shown): Promise<LocalServer> =>
  serve(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://feed');
    if (shown.instead?.(url.pathname, response)) return;
    if (url.pathname === '/feed/v1/head') return json(response, await sign(shown.head));
    const [after, to] = ['after', 'to'].map((name) => Number(url.searchParams.get(name)));
    json(response, shown.log.slice(after, to).slice(0, shown.pageSize ?? 1_000));
  });

const clientOf = (server: LocalServer, now = () => at(0), refreshMilliseconds = 2_000) =>
  new FeedClient({
    ...{ issuer: ISSUER, feedKey: feedKeys.publicKey, now, refreshMilliseconds },
    fetch: (path, init) => fetch(`${server.url}${path}`, init),
  });

describe('a client of the feed', () => {
  test('asks for the head and then page by page for the entries', async () => {
    await using server = await serveLog({ head: await headOver(LOG, 0), log: LOG, pageSize: 2 });
    const client = clientOf(server);
    expect(must(await client.refresh()).seq).toBe(5);
    expect(server.asked).toEqual([
      '/feed/v1/head',
      '/feed/v1/entries?epoch=1&after=0&to=5',
      '/feed/v1/entries?epoch=1&after=2&to=5',
      '/feed/v1/entries?epoch=1&after=4&to=5',
    ]);
    expect(client.find(['wf_5'], [])).toEqual(LOG[4]);
  });

  test('asks only for what is new, and for nothing but the head where nothing is', async () => {
    const shown: Shown = { head: await headOver(LOG.slice(0, 3), 0), log: LOG };
    await using server = await serveLog(shown);
    const client = clientOf(server);
    must(await client.refresh());
    must(await client.refresh());
    shown.head = await headOver(LOG, 1);
    must(await client.refresh());
    expect(server.asked.slice(2)).toEqual([
      '/feed/v1/head',
      '/feed/v1/head',
      '/feed/v1/entries?epoch=1&after=3&to=5',
    ]);
  });

  test('starts over in a new epoch', async () => {
    const shown: Shown = { head: await headOver(LOG, 0), log: LOG };
    await using server = await serveLog(shown);
    const client = clientOf(server);
    must(await client.refresh());
    shown.head = await headOver(LOG, 0, { epoch: 2 });
    must(await client.refresh());
    expect(server.asked.at(-1)).toBe('/feed/v1/entries?epoch=2&after=0&to=5');
  });

  test('makes one refresh at a time, shared by all who ask meanwhile', async () => {
    await using server = await serveLog({ head: await headOver([], 0), log: [] });
    const client = clientOf(server);
    const results = await Promise.all([client.refresh(), client.refresh(), client.refresh()]);
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(server.asked).toHaveLength(1);
    must(await client.refresh());
    expect(server.asked).toHaveLength(2);
  });

  test('is due at once, and then a second after each try', async () => {
    let now = at(0);
    await using server = await serveLog({ head: await headOver([], 0), log: [] });
    const client = clientOf(server, () => now);
    expect(client.due).toBe(true);
    must(await client.refresh());
    now += 999;
    expect(client.due).toBe(false);
    now += 1;
    expect(client.due).toBe(true);
  });
});

describe('whatever fails leaves the last good state:', () => {
  const raw =
    (body: string | Buffer, status = 200, on = '/feed/v1/head') =>
    (path: string, response: ServerResponse) => {
      if (path !== on) return false;
      response.writeHead(status).end(body);
      return true;
    };
  const entries = '/feed/v1/entries';
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
    ['a body over 4 MiB', raw(`"${'x'.repeat(4 * 1024 * 1024)}"`), 'feed_malformed'],
    ['no answer in time', never, 'feed_unreachable'],
    ['a body that never ends', dribble, 'feed_unreachable'],
    ['a 500 for the entries', raw('down', 500, entries), 'feed_unreachable'],
    ['entries that are no list', raw('{}', 200, entries), 'feed_malformed'],
    ['an empty page before the end', raw('[]', 200, entries), 'feed_malformed'],
    ['an entry of another form', raw('[{"seq":4}]', 200, entries), 'feed_malformed'],
    [
      'an entry that has no canonical form',
      raw(JSON.stringify([entry(4, { id: '\uD800' }), entry(5)]), 200, entries),
      'feed_malformed',
    ],
    [
      'more entries than were asked for',
      raw(JSON.stringify([...LOG.slice(3), entry(6)]), 200, entries),
      'entries_gap',
    ],
  ])('%s', async (_, instead, code) => {
    const shown: Shown = { head: await headOver(LOG.slice(0, 3), 0), log: LOG };
    await using server = await serveLog(shown);
    const client = clientOf(server, () => at(0), 1_500);
    const held = must(await client.refresh());
    shown.head = await headOver(LOG, 1);
    shown.instead = instead;
    expect(await client.refresh()).toMatchObject({ ok: false, error: { code } });
    expect(client.head).toEqual(held);
    expect(client.find(['wf_1'], [])).toEqual(LOG[0]);
    shown.instead = undefined;
    expect(must(await client.refresh()).seq).toBe(5);
  });

  test('a server that is not there', async () => {
    const server = await serve(() => {});
    await server[Symbol.asyncDispose]();
    expect(await clientOf(server).refresh()).toMatchObject({ error: { code: 'feed_unreachable' } });
  });

  test('a fetch whose promise died with the request that made it', async () => {
    let dead = true;
    await using server = await serveLog({ head: await headOver([], 0), log: [] });
    const client = new FeedClient({
      ...{ issuer: ISSUER, feedKey: feedKeys.publicKey, now: () => at(0), refreshMilliseconds: 50 },
      fetch: (path, init) =>
        dead ? new Promise<Response>(() => {}) : fetch(`${server.url}${path}`, init),
    });
    expect(await client.refresh()).toMatchObject({ error: { why: 'TimeoutError' } });
    dead = false;
    expect((await client.refresh()).ok).toBe(true);
  });
});
