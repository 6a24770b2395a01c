import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Tier } from '../../../src/verifier/index.ts';
import { CALL, fixedFeed, verifierWith } from '../fixtures/feed.ts';
import { mintToken } from '../fixtures/issuer.ts';

const honest = mintToken();

/** The decision at second 1, with a head of the given age. */
async function decide(tier: Tier, age: number | undefined, answer?: () => number | undefined) {
  const feed = fixedFeed(age === undefined ? undefined : 1 - age, [], answer);
  const decision = await verifierWith({ feed }).verify(honest, { ...CALL, tier });
  const outcome = decision.allowed ? (decision.stale ? 'stale' : 'allowed') : decision.denial;
  return { outcome, asked: feed.asked() };
}

afterEach(() => vi.unstubAllGlobals());

describe('invariant 2: a decision with a fresh head does no I/O', () => {
  test.each([0, 1, 2] as const)('tier %d', async (tier) => {
    vi.stubGlobal('fetch', () => {
      throw new Error('a decision fetched');
    });
    const feed = {
      ...fixedFeed(1),
      refresh: () => {
        throw new Error('a decision asked the log');
      },
    };
    const decision = await verifierWith({ feed }).verify(honest, { ...CALL, tier });
    expect(decision.allowed).toBe(true);
  });
});

describe('invariant 4: a head older than its bound never allows', () => {
  test.each([
    [1, 60],
    [2, 15],
  ] as const)(
    'tier %d asks the log beyond %d s, and denies without an answer',
    async (tier, bound) => {
      expect(await decide(tier, bound)).toEqual({ outcome: 'allowed', asked: 0 });
      expect(await decide(tier, bound + 1)).toEqual({
        outcome: { code: 'head_stale', ageSeconds: bound + 1, boundSeconds: bound },
        asked: 1,
      });
    },
  );

  test.each([1, 2] as const)('tier %d accepts the answer of the log', async (tier) => {
    expect(await decide(tier, 100, () => 1)).toEqual({ outcome: 'allowed', asked: 1 });
  });

  test.each([1, 2, 3] as const)('tier %d denies if the answer itself is old', async (tier) => {
    expect(await decide(tier, 200, () => -99)).toMatchObject({
      outcome: { code: 'head_stale', ageSeconds: 100 },
      asked: 1,
    });
  });

  test('except in tier 0, where the decision is marked stale', async () => {
    expect(await decide(0, 300)).toEqual({ outcome: 'allowed', asked: 0 });
    expect(await decide(0, 301)).toEqual({ outcome: 'stale', asked: 0 });
  });

  test.each([0, 1, 2, 3] as const)('tier %d denies without any head', async (tier) => {
    expect(await decide(tier, undefined)).toEqual({ outcome: { code: 'head_missing' }, asked: 1 });
    expect(await decide(tier, undefined, () => 1)).toEqual({ outcome: 'allowed', asked: 1 });
  });
});

describe('tier 3 always asks the log', () => {
  test('even with a head of this second', async () => {
    expect(await decide(3, 0, () => 1)).toEqual({ outcome: 'allowed', asked: 1 });
  });

  test('and denies without an answer, however fresh the head', async () => {
    expect(await decide(3, 0)).toMatchObject({ outcome: { code: 'head_stale' }, asked: 1 });
  });

  test('and accepts an answer of at most 5 s', async () => {
    expect(await decide(3, 60, () => -4)).toMatchObject({ outcome: 'allowed' });
    expect(await decide(3, 60, () => -5)).toMatchObject({ outcome: { boundSeconds: 5 } });
  });
});

test('a head from a clock that is ahead has age 0, not a negative age', async () => {
  expect(await decide(2, -30)).toEqual({ outcome: 'allowed', asked: 0 });
});
