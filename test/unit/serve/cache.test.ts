import { describe, expect, test, vi } from 'vitest';
import cache from '../../../src/serve/cache.ts';

/** The service behind the Cache API, spoken to as workerd does. */
const put = (url: string, response: string) =>
  cache.fetch(new Request(url, { method: 'PUT', body: response }));
const get = (url: string, namespace?: string) =>
  cache.fetch(
    new Request(url, {
      headers: {
        'cache-control': 'only-if-cached',
        ...(namespace !== undefined && { 'cf-cache-namespace': namespace }),
      },
    }),
  );
const response = (control: string, body = 'abc', status = '200 OK') =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nContent-Type: text/plain\r\nCache-Control: ${control}\r\n\r\n${body}`;

describe('the cache of a server of one’s own', () => {
  test('answers a hit with the stored response, until max-age has passed', async () => {
    vi.useFakeTimers();
    try {
      await put('https://a.test/1', response('public, max-age=2'));
      const hit = await get('https://a.test/1');
      expect([hit.status, hit.headers.get('cf-cache-status')]).toEqual([200, 'HIT']);
      expect(hit.headers.get('content-type')).toBe('text/plain');
      expect(await hit.text()).toBe('abc');
      vi.advanceTimersByTime(2_000);
      expect((await get('https://a.test/1')).status).toBe(504);
    } finally {
      vi.useRealTimers();
    }
  });

  test('answers a miss with 504 and says so', async () => {
    const miss = await get('https://a.test/unknown');
    expect([miss.status, miss.headers.get('cf-cache-status')]).toEqual([504, 'MISS']);
  });

  test.each([
    ['no-store', response('no-store, max-age=9')],
    ['no max-age', response('public')],
    ['another status', response('max-age=9', 'abc', '404 Not Found')],
    ['no response', 'abc'],
    ['a response that is too large', response('max-age=9', 'a'.repeat(300_000))],
  ])('does not store %s', async (_, text) => {
    await put('https://a.test/2', text);
    expect((await get('https://a.test/2')).status).toBe(504);
  });

  test('keeps the entries of named caches apart', async () => {
    await put('https://a.test/3', response('max-age=9'));
    expect((await get('https://a.test/3', 'other')).status).toBe(504);
  });

  test('is bounded: the oldest entry makes room', async () => {
    for (let i = 0; i <= 256; i++) await put(`https://b.test/${i}`, response('max-age=9'));
    expect((await get('https://b.test/0')).status).toBe(504);
    expect((await get('https://b.test/256')).status).toBe(200);
  });
});
