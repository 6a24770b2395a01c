import { describe, expect, test } from 'vitest';
import { FeedClient, FeedSubscription, type Head, type Socket } from '../../../src/feed/index.ts';
import { encodeMessage } from '../../../src/feed/log/index.ts';
import { at, ISSUER, unwrap } from '../fixtures/issuer.ts';
import {
  deltaOf,
  entry,
  feedKeys,
  headOver,
  json,
  question,
  serve,
  sign,
} from '../fixtures/log.ts';
import { serveSockets } from '../fixtures/socket.ts';

const LOG = [1, 2, 3, 4].map((seq) => entry(seq));
const message = async (count: number, from: number, offset = 0, changes: Partial<Head> = {}) => {
  const head = await headOver(LOG.slice(0, count), offset, changes);
  return encodeMessage(await sign(head), deltaOf(LOG.slice(from, count)));
};

/** A log of `shown.count` entries over HTTP, and its client. */
async function scene(count: number) {
  const shown = { count, offset: 0 };
  const server = await serve(async (request, response) => {
    const path = request.url ?? '';
    const head = await headOver(LOG.slice(0, shown.count), shown.offset);
    if (path.endsWith('/head')) return json(response, await sign(head));
    const [from = 0, to = 0] = (path.split('/').at(-1) ?? '').split('-').map(Number);
    response.end(deltaOf(LOG.slice(from, to)));
  });
  const client = new FeedClient({
    issuer: ISSUER,
    feedKey: feedKeys.publicKey,
    now: () => at(0),
    fetch: (path, init) => fetch(`${server.url}${path}`, init),
  });
  return { shown, server, client };
}

const subscribe = (url: string, client: FeedClient, silenceMilliseconds = 5_000) =>
  new FeedSubscription({
    url,
    client,
    silenceMilliseconds,
    random: () => 0,
    WebSocket: WebSocket as unknown as new (url: string) => Socket,
  });

describe('a message', () => {
  test('brings a client forward if it follows, and not if it leaves a gap', async () => {
    const { client, server } = await scene(0);
    await using _ = server;
    expect(await client.accept(await message(2, 1))).toMatchObject({
      error: { code: 'entries_gap' },
    });
    unwrap(await client.accept(await message(2, 0)));
    unwrap(await client.accept(await message(3, 2)));
    expect(client.find(question({ workflow: 'wf_3' }))).toBeDefined();
    expect(await client.accept(await message(2, 2))).toMatchObject({
      error: { code: 'head_rollback' },
    });
    expect(server.asked).toEqual([]);
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['a length and no head', Uint8Array.of(0, 0, 1, 0)],
    ['a length beyond its end', Uint8Array.of(255, 255, 255, 255, 0)],
    ['over 4 MiB', new Uint8Array(4 * 1024 * 1024 + 24 * 1024 + 5)],
  ])('that is %s changes nothing', async (_, bytes) => {
    const { client, server } = await scene(0);
    await using _server = server;
    expect((await client.accept(bytes)).ok).toBe(false);
    expect(client.head).toBeUndefined();
  });
});

describe('a subscription', () => {
  test('applies what the socket sends, without requests in between', async () => {
    const { client, server } = await scene(1);
    await using _ = server;
    await using sockets = await serveSockets(() => undefined);
    unwrap(await client.refresh());
    const subscription = subscribe(sockets.url, client);
    await expect.poll(() => sockets.connected).toEqual(['?since=1.1']);
    await expect.poll(() => server.asked.length).toBeGreaterThan(2);
    const asked = server.asked.length;
    sockets.send(await message(2, 1));
    sockets.send(await message(4, 2));
    await expect.poll(() => client.head?.seq).toBe(4);
    expect(subscription.isLive).toBe(true);
    expect(server.asked).toHaveLength(asked);
    subscription.close();
  });

  test('asks over HTTP if a message does not follow', async () => {
    const { client, server, shown } = await scene(1);
    await using _ = server;
    const greeting = await message(4, 3);
    await using sockets = await serveSockets(() => greeting);
    shown.count = 4;
    const subscription = subscribe(sockets.url, client);
    await expect.poll(() => client.head?.seq).toBe(4);
    subscription.close();
  });

  test('polls if the socket is silent, and drops a socket that withheld entries', async () => {
    const { client, server, shown } = await scene(1);
    await using _ = server;
    const greeting = await message(1, 1);
    await using sockets = await serveSockets(() => greeting);
    unwrap(await client.refresh());
    const subscription = subscribe(sockets.url, client, 30);
    await expect.poll(() => subscription.isLive).toBe(true);
    shown.count = 2;
    await expect.poll(() => client.head?.seq).toBe(2);
    await expect.poll(() => sockets.connected.length).toBeGreaterThan(1);
    expect(sockets.connected.at(-1)).toBe('?since=1.2');
    subscription.close();
  });

  test('keeps a socket whose message was overtaken by an answer over HTTP', async () => {
    const { client, server, shown } = await scene(1);
    await using _ = server;
    const greeting = await message(1, 1);
    await using sockets = await serveSockets(() => greeting);
    unwrap(await client.refresh());
    const subscription = subscribe(sockets.url, client, 30);
    await expect.poll(() => subscription.isLive).toBe(true);
    shown.count = 2;
    await expect.poll(() => client.head?.seq).toBe(2);
    sockets.send(await message(2, 1));
    // Longer than the client waits for a socket that is behind.
    await new Promise((passed) => setTimeout(passed, 1_500));
    expect(sockets.connected).toHaveLength(1);
    expect(subscription.isLive).toBe(true);
    subscription.close();
  });

  test('sends no request if a message is older than the current head', async () => {
    const { client, server, shown } = await scene(1);
    await using _ = server;
    const greeting = await message(1, 1);
    await using sockets = await serveSockets(() => greeting);
    const subscription = subscribe(sockets.url, client);
    await expect.poll(() => subscription.isLive).toBe(true);
    shown.count = 3;
    unwrap(await client.refresh());
    await expect.poll(() => client.head?.seq).toBe(3);
    const asked = server.asked.length;
    sockets.send(await message(2, 1));
    await new Promise((passed) => setTimeout(passed, 300));
    expect(server.asked).toHaveLength(asked);
    subscription.close();
  });

  test('reconnects after the server has dropped it, and polls meanwhile', async () => {
    const { client, server } = await scene(1);
    await using _ = server;
    await using sockets = await serveSockets(() => undefined);
    unwrap(await client.refresh());
    const subscription = subscribe(sockets.url, client);
    await expect.poll(() => sockets.connected).toHaveLength(1);
    const asked = server.asked.length;
    sockets.drop();
    await expect.poll(() => sockets.connected).toHaveLength(2);
    expect(server.asked.length).toBeGreaterThan(asked);
    subscription.close();
  });

  test('neither connects nor asks after it is closed', async () => {
    const { client, server } = await scene(1);
    await using _ = server;
    await using sockets = await serveSockets(() => undefined);
    const subscription = subscribe(sockets.url, client, 10);
    await expect.poll(() => sockets.connected).toHaveLength(1);
    subscription.close();
    // A poll that was under way may still ask for entries.
    await new Promise((resolve) => {
      setTimeout(resolve, 1_000);
    });
    const asked = server.asked.length;
    sockets.send(await message(1, 0));
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    expect([server.asked.length, sockets.connected.length]).toEqual([asked, 1]);
  });
});
