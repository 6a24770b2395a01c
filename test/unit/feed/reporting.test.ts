import { describe, expect, test, vi } from 'vitest';
import {
  FeedClient,
  type FeedOptions,
  FeedSubscription,
  type Head,
  type Socket,
} from '../../../src/feed/index.ts';
import { encodeMessage } from '../../../src/feed/log/index.ts';
import { at, ISSUER } from '../fixtures/issuer.ts';
import { deltaOf, entry, feedKeys, headOver, sign } from '../fixtures/log.ts';

/** Whatever stops a verifier from moving forward is reported, and normal behaviour is not. */

const LOG = [entry(1), entry(2)];
const otherKeys = (await crypto.subtle.generateKey('Ed25519', true, [
  'sign',
  'verify',
])) as CryptoKeyPair;
type Reported = [event: string, detail: Record<string, unknown>];

async function scene(changes: Partial<FeedOptions> = {}) {
  const reported: Reported[] = [];
  const shown = { head: await headOver(LOG, 100), log: LOG, key: feedKeys.privateKey };
  const instead: { answer?: () => Promise<Response> } = {};
  const client = new FeedClient({
    issuer: ISSUER,
    feedKey: feedKeys.publicKey,
    now: () => at(100),
    retryMilliseconds: 0,
    refreshMilliseconds: 200,
    report: (event, detail = {}) => void reported.push([event, detail]),
    fetch: async (path) => {
      if (instead.answer) return instead.answer();
      if (path.includes('/head')) return Response.json(await sign(shown.head, shown.key));
      const [from = 0, to = 0] = (path.split('/').at(-1) ?? '').split('-').map(Number);
      return new Response(deltaOf(shown.log.filter(({ seq }) => seq > from && seq <= to)));
    },
    ...changes,
  });
  return { reported, shown, instead, client };
}

describe('a rejected head is reported by its code:', () => {
  test.each<[string, (current: Head) => Promise<Partial<{ head: Head; key: CryptoKey }>>]>([
    ['head_fork', async (current) => ({ head: { ...current, chain: 'ab'.repeat(32) } })],
    ['head_rollback', async () => ({ head: await headOver(LOG.slice(0, 1), 100) })],
    ['head_signature', async () => ({ key: otherKeys.privateKey })],
    ['head_from_future', async () => ({ head: await headOver(LOG, 100 + 61) })],
    ['head_issuer', async () => ({ head: await headOver(LOG, 100, { issuer: 'https://x.test' }) })],
  ])('%s', async (code, change) => {
    const { reported, shown, client } = await scene();
    await client.refresh();
    expect(reported).toEqual([]);
    Object.assign(shown, await change(shown.head));
    await client.refresh();
    expect(reported).toMatchObject([['feed.refused', { code, way: 'question', shard: 0 }]]);
    reported.length = 0;
    if (code === 'head_rollback') shown.head = await headOver(LOG.slice(0, 1), 10);
    await client.poll();
    expect(reported).toMatchObject([['feed.refused', { code, way: 'poll' }]]);
  });

  test('over a socket', async () => {
    const { reported, client } = await scene();
    await client.refresh();
    const forked = await headOver(LOG, 100, { chain: 'ab'.repeat(32) });
    await client.accept(encodeMessage(await sign(forked), new Uint8Array()));
    expect(reported).toMatchObject([['feed.refused', { code: 'head_fork', way: 'socket' }]]);
  });
});

describe('an unreachable log is reported:', () => {
  test.each<[string, () => Promise<Response>, object]>([
    [
      'it answers 500',
      async () => new Response('', { status: 500 }),
      { code: 'feed_unreachable', why: 'HTTP 500' },
    ],
    [
      'it cannot be reached',
      () => Promise.reject(new TypeError('fetch failed')),
      { code: 'feed_unreachable', why: 'TypeError' },
    ],
    ['something else answers', async () => new Response('<html>'), { code: 'feed_malformed' }],
    [
      'it never answers',
      () => new Promise<Response>(() => {}),
      { code: 'feed_unreachable', why: 'TimeoutError' },
    ],
  ])('%s', async (_, answer, detail) => {
    const { reported, instead, client } = await scene();
    instead.answer = answer;
    await client.refresh();
    expect(reported).toMatchObject([['feed.failed', detail]]);
  });

  test('for a poll', async () => {
    const { reported, instead, client } = await scene();
    instead.answer = async () => new Response('', { status: 503 });
    await client.poll();
    expect(reported).toMatchObject([['feed.failed', { way: 'poll', why: 'HTTP 503' }]]);
  });

  test('with a floor that cannot be read or written, and kill statements that cannot be fetched', async () => {
    const failing = () => Promise.reject(new Error('disk'));
    const none = async () => undefined;
    const unread = await scene({ floor: { load: failing, save: none } });
    await unread.client.refresh();
    expect(unread.reported).toMatchObject([['feed.failed', { code: 'floor_unreadable' }]]);
    const unwritten = await scene({ floor: { load: none, save: failing } });
    await unwritten.client.refresh();
    expect(unwritten.reported).toMatchObject([['feed.floor.unwritten', { error: 'Error' }]]);
    for (const fetch of [
      failing,
      async () => new Response('', { status: 404 }),
      async () => new Response('{}'),
    ]) {
      const { reported, client } = await scene({ kill: { key: otherKeys.publicKey, fetch } });
      await client.poll();
      expect(reported).toMatchObject([['feed.kills.failed', {}]]);
    }
  });
});

describe('normal behaviour is not reported:', () => {
  test('a poll that a cache answers with the previous head', async () => {
    const { reported, shown, client } = await scene();
    await client.refresh();
    shown.head = await headOver(LOG.slice(0, 1), 98);
    await client.poll();
    expect(reported).toEqual([]);
  });

  test('a message that a refresh overtook, and one that does not follow', async () => {
    const { reported, client } = await scene();
    await client.refresh();
    const older = await headOver(LOG.slice(0, 1), 99);
    await client.accept(encodeMessage(await sign(older), deltaOf(LOG.slice(0, 1))));
    const further = await headOver([...LOG, entry(3)], 100);
    await client.accept(encodeMessage(await sign(further), new Uint8Array()));
    expect(reported).toEqual([]);
  });
});

describe('a subscription', () => {
  const subscribe = async (open: () => Socket, onHead?: () => Promise<void>) => {
    const { reported, client } = await scene();
    const subscription = new FeedSubscription({
      url: 'wss://issuer.example/feed/v2/0/subscribe',
      client,
      WebSocket: class {
        constructor() {
          // biome-ignore lint/correctness/noConstructorReturn: A socket as the test has it.
          return open();
        }
      } as never,
      report: (event, detail = {}) => void reported.push([event, detail]),
      ...(onHead && { onHead }),
    });
    return { reported, client, subscription };
  };
  const socketThat = (end: 'close' | 'error'): Socket => ({
    binaryType: '',
    close: () => undefined,
    addEventListener: (type: string, listener: (event: never) => void) => {
      if (type === end) queueMicrotask(() => listener(undefined as never));
    },
  });

  test.each(['close', 'error'] as const)('reports a socket that ends by %s', async (code) => {
    const { reported, subscription } = await subscribe(() => socketThat(code));
    await expect.poll(() => reported).toMatchObject([['feed.socket.lost', { code }]]);
    subscription.close();
  });

  test('reports a socket that cannot be opened, and keeps polling', async () => {
    const { reported, client, subscription } = await subscribe(() => {
      throw new SyntaxError('no such URL');
    });
    await expect.poll(() => client.head?.seq).toBe(2);
    expect(reported).toMatchObject([['feed.socket.lost', { code: 'unopened' }]]);
    subscription.close();
  });

  test.each<[string, () => Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('x');
      },
    ],
    ['rejects', () => Promise.reject(new Error('x'))],
  ])('survives a listener that %s', async (_, onHead) => {
    const ended = vi.fn();
    process.on('unhandledRejection', ended);
    process.on('uncaughtException', ended);
    const { reported, subscription } = await subscribe(() => socketThat('close'), onHead);
    await expect.poll(() => reported.map(([event]) => event)).toContain('feed.heard.failed');
    subscription.close();
    process.off('unhandledRejection', ended);
    process.off('uncaughtException', ended);
    expect(ended).not.toHaveBeenCalled();
  });
});

test('a failed confirmation is reported to the console without a listener, and never throws', async () => {
  // The reporter of the process may still hold lines of other tests.
  vi.resetModules();
  const { FeedReporter } = await import('../../../src/feed/index.ts');
  const lines = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const send = () => Promise.reject(new TypeError('away'));
  await new FeedReporter({ verifier: 'v', send }).confirm({ epoch: 1, seq: 1 }, at(0));
  expect(lines.mock.calls[0]?.[0]).toMatchObject({ event: 'feed.unconfirmed', error: 'TypeError' });
  const failed = () => {
    throw new Error('x');
  };
  await new FeedReporter({ verifier: 'v', send, failed }).confirm({ epoch: 1, seq: 1 }, at(0));
  lines.mockRestore();
});
