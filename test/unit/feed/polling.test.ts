import { expect, test } from 'vitest';
import { FeedClient } from '../../../src/feed/index.ts';
import { at, ISSUER } from '../fixtures/issuer.ts';
import { deltaOf, entry, feedKeys, headOver, sign } from '../fixtures/log.ts';

const LOG = [entry(1), entry(2)];
const [old, newest] = [await headOver(LOG.slice(0, 1), 0), await headOver(LOG, 0)];

/** A log behind a cache that answers polls with an earlier head. */
function clientBehindCache(hold?: Promise<unknown>): { client: FeedClient; asked: string[] } {
  const asked: string[] = [];
  const fetch = async (path: string): Promise<Response> => {
    asked.push(path);
    if (path === '/feed/v2/0/head?polled') {
      await hold;
      return Response.json(await sign(old));
    }
    if (path === '/feed/v2/0/head') return Response.json(await sign(newest));
    const [from = 0, to = 0] = (path.split('/').at(-1) ?? '').split('-').map(Number);
    return new Response(deltaOf(LOG.filter(({ seq }) => seq > from && seq <= to)));
  };
  const now = () => at(0);
  const feedKey = feedKeys.publicKey;
  return { client: new FeedClient({ issuer: ISSUER, feedKey, now, fetch }), asked };
}

test('a poll uses a cached head, and a refresh does not', async () => {
  const { client, asked } = clientBehindCache();
  await client.poll();
  expect(client.head?.seq).toBe(1);
  await client.refresh();
  expect(client.head?.seq).toBe(2);
  expect(asked.filter((path) => path.includes('head'))).toEqual([
    '/feed/v2/0/head?polled',
    '/feed/v2/0/head',
  ]);
});

test('a refresh never joins a running poll', async () => {
  let release = (): void => {};
  const hold = new Promise<void>((done) => {
    release = done;
  });
  const { client } = clientBehindCache(hold);
  const polling = client.poll();
  expect(await client.refresh()).toMatchObject({ ok: true, value: { seq: 2 } });
  release();
  await polling;
});

test('an older head from a cache undoes nothing', async () => {
  const { client } = clientBehindCache();
  await client.refresh();
  await client.poll();
  expect(client.head?.seq).toBe(2);
});
