import { afterEach, describe, expect, test, vi } from 'vitest';
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
  const call = (tier: 1 | 2 | 3) => verifier.verify(token, { ...CALL, tier });
  return { log, honest, feed, call };
}

/** Stops the clock of every wait where it is. What still ends has waited for nothing. */
function stopClock(): void {
  const stopped = performance.now();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const began = Date.now();
  // A fake `performance` would begin at 0, before what it measured until now.
  vi.spyOn(performance, 'now').mockImplementation(() => stopped + Date.now() - began);
}
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('while the log does not answer', () => {
  test.each([1, 2, 3] as const)(
    'one call of tier %d waits, and later calls are denied at once',
    async (tier) => {
      const { log, call } = await scene();
      log.answer = () => NEVER;
      await call(tier);
      stopClock();
      const asked = log.asked;
      for (const decision of await Promise.all(Array.from({ length: 100 }, () => call(tier)))) {
        expect(decision).toMatchObject({ allowed: false, denial: { code: 'head_missing' } });
      }
      expect(log.asked).toBe(asked);
    },
  );

  test.each([1, 2, 3] as const)('calls of tier %d ask a few questions only', async (tier) => {
    const { log, call } = await scene();
    log.answer = () => NEVER;
    const until = performance.now() + 1_500;
    for (let calls = 0; calls <= 30 || performance.now() < until; calls += 1) {
      expect((await call(tier)).allowed).toBe(false);
      await pass(5);
    }
    expect(log.asked).toBeLessThanOrEqual(6);
  });

  test('no other call waits while one finds out whether the log is back', async () => {
    const { log, call } = await scene(60_000);
    log.answer = async () => new Response('down', { status: 500 });
    await call(2);
    log.answer = () => NEVER;
    stopClock();
    await vi.advanceTimersByTimeAsync(60);
    let isOver = false;
    const probe = call(2).finally(() => {
      isOver = true;
    });
    await expect.poll(() => log.asked).toBe(2);
    await Promise.all(Array.from({ length: 20 }, () => call(2)));
    expect(isOver).toBe(false);
    while (!isOver) await vi.advanceTimersByTimeAsync(1_000);
    await probe;
    expect(log.asked).toBe(2);
  });
});

describe('when the log is back', () => {
  test('receives one refresh, and then calls are allowed again', async () => {
    const { log, honest, call } = await scene(3_000);
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
    while (!allowed && performance.now() - began < 20_000) {
      const decisions = await Promise.all(Array.from({ length: 30 }, () => call(2)));
      allowed = decisions.some((decision) => decision.allowed);
      await pass(10);
    }
    expect(allowed).toBe(true);
    expect(most).toBe(1);
    expect((await call(3)).allowed).toBe(true);
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
