import { afterEach, describe, expect, test, vi } from 'vitest';
import { FeedClient, type FeedEntry, FeedReporter } from '../../../src/feed/index.ts';
import type { Tier } from '../../../src/verifier/index.ts';
import { CALL, fixedFeed, verifierWith } from '../fixtures/feed.ts';
import { at, ISSUER, issuerKey, mintToken } from '../fixtures/issuer.ts';
import { deltaOf, entry, feedKeys, headOver, sign } from '../fixtures/log.ts';

/** Wall clocks step: corrections, resumed machines, wrong years. No step may keep a token alive. */

const LIFE_SECONDS = 3_600;
const HELD = 100; // Of this second is the head that the verifier holds.
const token = mintToken({}, LIFE_SECONDS);
const REVOKED = entry(1, { id: 'wf_1', expires: at(LIFE_SECONDS) / 1000 });

/** A log with a correct clock, and a verifier whose clock is wrong by the offset of the test. */
function scene() {
  const world = {
    /** Seconds of true time, and the offset of the verifier's clock. */
    time: 0,
    off: 0,
    isCut: false,
    log: [] as readonly FeedEntry[],
  };
  vi.spyOn(performance, 'now').mockImplementation(() => world.time * 1_000);
  const now = () => at(world.time + world.off);
  const fetch = async (path: string): Promise<Response> => {
    if (world.isCut) throw new TypeError('cut off');
    const { log } = world;
    if (path.includes('/head')) {
      return Response.json(await sign(await headOver(log, Math.floor(world.time))));
    }
    const [from = 0, to = 0] = (path.split('/').at(-1) ?? '').split('-').map(Number);
    return new Response(deltaOf(log.filter(({ seq }) => seq > from && seq <= to)));
  };
  const feedKey = feedKeys.publicKey;
  const feed = new FeedClient({ issuer: ISSUER, feedKey, now, fetch, retryMilliseconds: 0 });
  const verifier = verifierWith({ feed, now, keys: [issuerKey] });
  const call = async (tier: Tier) => {
    const decision = await verifier.verify(token, { ...CALL, tier });
    if (feed.due) await feed.poll(); // As a gateway does after its answer.
    if (decision.allowed) return decision.stale ? 'stale' : 'allowed';
    return decision.denial.code;
  };
  return { world, feed, call };
}

afterEach(() => vi.restoreAllMocks());

describe('a clock that goes back', () => {
  test.each([5, 30, 60, 61, 62, 65, 90, 120, 590, 86_400])(
    'by %d s does not keep a revoked workflow allowed',
    async (step) => {
      const { world, call } = scene();
      world.time = HELD;
      expect([await call(1), await call(2)]).toEqual(['allowed', 'allowed']);
      world.off = -step;
      world.time += 1;
      await call(2); // One call, and the poll after it.
      world.log = [REVOKED];
      world.time += 2;
      await call(2);
      for (let second = 0; second < 700; second += 7) {
        world.time += 7;
        const bounds = [[1, 60] as const, [2, 15] as const, [3, 0] as const];
        const passed = bounds.filter(([, bound]) => world.time - HELD > bound);
        for (const [tier] of passed) expect(await call(tier)).not.toBe('allowed');
      }
      // The clock is corrected.
      world.off = 0;
      expect(await call(2)).toBe('revoked');
    },
  );

  test.each([0, 1, 2, 3] as const)('leaves tier %d without a head after 60 s', async (tier) => {
    const decide = async (seconds: number) =>
      verifierWith({ feed: fixedFeed(0), now: () => at(seconds) }).verify(mintToken({}, 900), {
        ...CALL,
        tier,
      });
    // Tokens from before the step are from the future too, except those minted long ago.
    expect((await decide(-60)).allowed).toBe(tier < 3);
    const old = mintToken({ issuedAt: new Date(at(-600)) }, 1_200);
    for (const step of [61, 120, 590]) {
      const verifier = verifierWith({ feed: fixedFeed(0), now: () => at(-step) });
      expect(await verifier.verify(old, { ...CALL, tier })).toMatchObject({
        denial: { code: 'head_missing' },
      });
    }
  });

  test('does not make an old head fresh while the log does not answer', async () => {
    const { world, call } = scene();
    world.time = 400;
    expect(await call(1)).toBe('allowed');
    world.isCut = true;
    world.time = 650; // 250 s old, so tiers 1 and 2 are denied.
    expect([await call(1), await call(2)]).toEqual(['head_stale', 'head_stale']);
    world.off = -300; // By this clock the head is from 50 s ahead, which is within the skew.
    expect([await call(1), await call(2)]).toEqual(['head_stale', 'head_stale']);
    world.time = 750;
    world.off = -400;
    expect(await call(0)).toBe('stale');
  });

  test('and is corrected has no lasting effect', async () => {
    const { world, call } = scene();
    world.time = 100;
    await call(2);
    world.off = -590;
    world.time += 10;
    expect(await call(2)).not.toBe('allowed');
    world.off = 0;
    expect([await call(2), await call(3), await call(0)]).toEqual([
      'allowed',
      'allowed',
      'allowed',
    ]);
  });

  test('does not stop polls, kill statements or confirmations', async () => {
    const { world, feed, call } = scene();
    world.time = 1_000;
    await call(1);
    expect(feed.due).toBe(false);
    world.off = -600;
    expect(feed.due).toBe(true);
    const send = vi.fn(async () => undefined);
    const reporter = new FeedReporter({ verifier: 'v', send });
    await reporter.confirm({ epoch: 1, seq: 1 }, at(1_000));
    await reporter.confirm({ epoch: 1, seq: 1 }, at(400));
    expect(send).toHaveBeenCalledTimes(2);
  });
});

describe('a resumed machine', () => {
  test('does not trust a head older than the bound, even if its clock stood still', async () => {
    const { world, feed, call } = scene();
    world.time = 100;
    expect(await call(2)).toBe('allowed');
    // An hour passes, and neither clock of the guest has moved.
    vi.spyOn(performance, 'now').mockReturnValue(100_000);
    world.log = [REVOKED];
    world.time += 1_800;
    world.off = -1_799;
    await feed.poll();
    expect([await call(1), await call(2), await call(3)]).toEqual([
      'head_stale',
      'head_stale',
      'head_stale',
    ]);
    world.off = 0;
    expect(await call(2)).toBe('revoked');
  });
});

describe('a clock that goes forward', () => {
  test('denies, and has no lasting effect once it is corrected', async () => {
    const { world, feed, call } = scene();
    world.time = 100;
    expect(await call(2)).toBe('allowed');
    world.off = 590;
    world.time += 1;
    expect([await call(1), await call(2), await call(3)]).toEqual([
      'head_stale',
      'head_stale',
      'head_stale',
    ]);
    world.off = 0;
    world.time += 1;
    expect(feed.due).toBe(true);
    expect([await call(1), await call(2), await call(3)]).toEqual([
      'allowed',
      'allowed',
      'allowed',
    ]);
    world.log = [REVOKED];
    world.time += 2;
    await call(2);
    expect(await call(2)).toBe('revoked');
  });
});
