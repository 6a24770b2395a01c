import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BoundedCounter, Limiter, SHARED_SOURCE, sourceOf } from '../../../src/rates/index.ts';

const NOW = Date.UTC(2026, 10, 28);

describe('a bounded counter', () => {
  test('allows a minute of requests, and says when the next one may come', () => {
    const counter = new BoundedCounter({ perMinute: 3 });
    for (let i = 0; i < 3; i++) expect(counter.take('a', NOW).ok).toBe(true);
    expect(counter.take('a', NOW)).toEqual({ ok: false, error: { retryAfterSeconds: 20 } });
    expect(counter.take('b', NOW).ok).toBe(true);
    expect(counter.take('a', NOW + 19_999).ok).toBe(false);
    expect(counter.take('a', NOW + 20_000).ok).toBe(true);
    expect(counter.take('a', NOW + 20_000).ok).toBe(false);
  });

  test('never allows more than twice the limit of one key in any minute', () => {
    const times = fc.array(fc.integer({ min: 0, max: 180_000 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 10 }), (offsets, perMinute) => {
        const counter = new BoundedCounter({ perMinute });
        const let_ = [...offsets]
          .sort((a, b) => a - b)
          .filter((offset) => counter.take('a', NOW + offset).ok);
        for (const from of let_) {
          const within = let_.filter((at) => at >= from && at < from + 60_000).length;
          expect(within).toBeLessThanOrEqual(2 * perMinute);
        }
      }),
    );
  });

  test('a flood of new keys takes no more memory and gives no busy key a fresh allowance', () => {
    const counter = new BoundedCounter({ perMinute: 2 }, 100);
    expect(counter.take('busy', NOW).ok).toBe(true);
    expect(counter.take('busy', NOW).ok).toBe(true);
    let through = 0;
    for (let i = 0; i < 10_000; i++) if (counter.take(`flood-${i}`, NOW).ok) through += 1;
    expect(counter.size).toBe(100);
    expect(through).toBe(99 + 2);
    expect(counter.take('busy', NOW).ok).toBe(false);
    // Idle keys make room again.
    expect(counter.take('later', NOW + 60_000).ok).toBe(true);
    expect(counter.size).toBe(1);
  });

  test('a clock that was set back delays no key for longer than a minute', () => {
    const counter = new BoundedCounter({ perMinute: 1 });
    expect(counter.take('a', NOW + 3_600_000).ok).toBe(true);
    expect(counter.take('a', NOW)).toEqual({ ok: false, error: { retryAfterSeconds: 60 } });
    expect(counter.take('a', NOW + 60_000).ok).toBe(false);
    expect(counter.take('a', NOW + 3_660_000).ok).toBe(true);
  });
});

describe('a limit', () => {
  const takeAll = async (limiter: Limiter, count: number) => {
    const taken = [];
    for (let i = 0; i < count; i++) taken.push((await limiter.take('a', NOW)).ok);
    return taken.filter(Boolean).length;
  };

  test('holds without the binding of the platform', async () => {
    expect(await takeAll(new Limiter({ perMinute: 5 }), 20)).toBe(5);
  });

  test('holds if the binding fails', async () => {
    const failing = { limit: () => Promise.reject(new Error('unavailable')) };
    expect(await takeAll(new Limiter({ perMinute: 5 }, failing), 20)).toBe(5);
  });

  test("is the smaller of our own and the binding's", async () => {
    let left = 3;
    const binding = { limit: async () => ({ success: left-- > 0 }) };
    expect(await takeAll(new Limiter({ perMinute: 5 }, binding), 20)).toBe(3);
    const generous = { limit: async () => ({ success: true }) };
    expect(await takeAll(new Limiter({ perMinute: 5 }, generous), 20)).toBe(5);
  });
});

describe('the source of a request', () => {
  const source = (value: string) =>
    sourceOf(new Headers({ 'cf-connecting-ip': value }), 'cf-connecting-ip');

  test('is the address in the configured header, or its network for IPv6', () => {
    expect(source('192.0.2.1')).not.toBe(source('192.0.2.2'));
    expect(source('2001:db8::1')).toBe(source('2001:DB8:0:0:ffff::2'));
    expect(source('2001:db8::1')).not.toBe(source('2001:db8:0:1::1'));
  });

  test.each([
    '',
    'unknown',
    '192.0.2.1, 198.51.100.7',
    '::ffff:192.0.2.1',
    '010.0.0.1',
    'x'.repeat(9000),
  ])('is shared by all requests without an address, so that none picks its own: %j', (value) => {
    expect(source(value)).toBe(SHARED_SOURCE);
  });

  test('is shared by all requests if no header is configured', () => {
    const own = new Headers({ 'cf-connecting-ip': '192.0.2.1' });
    expect(sourceOf(own, undefined)).toBe(SHARED_SOURCE);
    const headers = new Headers({ 'x-forwarded-for': '192.0.2.1' });
    expect(sourceOf(headers, 'cf-connecting-ip')).toBe(SHARED_SOURCE);
  });
});
