import { describe, expect, test } from 'vitest';
import { FeedClient } from '../../../src/feed/index.ts';
import { CALL, verifierWith } from '../fixtures/feed.ts';
import { at, ISSUER, mintToken } from '../fixtures/issuer.ts';
import { feedKeys, headOver, sign } from '../fixtures/log.ts';

const pass = (milliseconds: number) => new Promise((passed) => setTimeout(passed, milliseconds));
const NEVER = new Promise<Response>(() => {});

/** A log that can become unreachable, and a verifier without a head. */
async function scene(refreshMilliseconds = 300) {
  const head = await headOver([], 100);
  const honest = async () => Response.json(await sign(head));
  const log = { asked: 0, answer: honest as () => Promise<Response> };
  const feed = new FeedClient({
    issuer: ISSUER,
    feedKey: feedKeys.publicKey,
    now: () => at(100),
    refreshMilliseconds,
    retryMilliseconds: 50,
    fetch: (path) => {
      log.asked += 1;
      return path.endsWith('polled') ? NEVER : log.answer();
    },
  });
  const verifier = verifierWith({ feed, now: () => at(100) });
  const token = mintToken();
  const call = async (tier: 1 | 2 | 3) => {
    const began = performance.now();
    const decision = await verifier.verify(token, { ...CALL, tier });
    return { decision, milliseconds: performance.now() - began };
  };
  return { log, honest, feed, call };
}

describe('while the log does not answer', () => {
  test('one call waits, and later calls are denied at once', async () => {
    const { log, call } = await scene(1_000);
    log.answer = () => NEVER;
    await call(3);
    const asked = log.asked;
    const calls = await Promise.all(Array.from({ length: 100 }, () => call(3)));
    for (const { decision, milliseconds } of calls) {
      expect(decision).toMatchObject({ allowed: false, denial: { code: 'head_missing' } });
      expect(milliseconds).toBeLessThan(700);
    }
    expect(log.asked).toBe(asked);
  });

  test.each([1, 2, 3] as const)(
    'a tier %d call costs neither a question nor its wait',
    async (tier) => {
      const { log, call } = await scene();
      log.answer = () => NEVER;
      let slow = 0;
      const until = performance.now() + 1_500;
      let calls = 0;
      while (performance.now() < until) {
        const { decision, milliseconds } = await call(tier);
        expect(decision.allowed).toBe(false);
        if (milliseconds > 100) slow += 1;
        calls += 1;
        await pass(5);
      }
      expect(calls).toBeGreaterThan(30);
      expect(slow).toBeLessThanOrEqual(5);
      expect(log.asked).toBeLessThanOrEqual(6);
    },
  );

  test('no other call waits while one finds out whether the log is back', async () => {
    const { log, call } = await scene(1_000);
    log.answer = async () => new Response('down', { status: 500 });
    await call(2);
    log.answer = () => NEVER;
    await pass(60);
    const probe = call(2);
    await pass(10);
    const others = await Promise.all(Array.from({ length: 20 }, () => call(2)));
    for (const { milliseconds } of others) expect(milliseconds).toBeLessThan(700);
    expect((await probe).milliseconds).toBeGreaterThan(900);
    expect(log.asked).toBe(2);
  });
});

describe('when the log is back', () => {
  test('receives one refresh, and then calls are allowed again', async () => {
    const { log, honest, call } = await scene();
    log.answer = async () => new Response('down', { status: 500 });
    for (let n = 0; n < 5; n += 1) {
      await call(3);
      await pass(20);
    }
    let [most, under] = [0, 0];
    log.answer = async () => {
      under += 1;
      most = Math.max(most, under);
      await pass(20);
      under -= 1;
      return honest();
    };
    const began = performance.now();
    let allowed = false;
    while (!allowed && performance.now() - began < 5_000) {
      const calls = await Promise.all(Array.from({ length: 30 }, () => call(2)));
      allowed = calls.some(({ decision }) => decision.allowed);
      await pass(10);
    }
    expect(allowed).toBe(true);
    expect(most).toBe(1);
    expect(performance.now() - began).toBeLessThan(1_500);
    expect((await call(3)).decision.allowed).toBe(true);
  });

  test('one lost refresh among answered ones is not an outage', async () => {
    const { log, honest, feed } = await scene(1_500);
    let first = true;
    log.answer = () => {
      if (!first) return honest();
      first = false;
      return NEVER;
    };
    const lost = feed.refresh();
    await pass(1_050); // The next one no longer waits for it.
    expect((await feed.refresh()).ok).toBe(true);
    await lost;
    expect((await feed.refresh()).ok).toBe(true);
  });
});
