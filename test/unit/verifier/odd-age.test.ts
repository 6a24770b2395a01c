import { expect, test } from 'vitest';
import { type Feed, settleFreshness } from '../../../src/verifier/freshness.ts';
import { TIERS } from '../../../src/verifier/tiers.ts';

const NOW = 1_800_000_000;

test.each([
  ['an age that is NaN', { ageSecondsMin: Number.NaN }],
  ['an age that is a string', { ageSecondsMin: 'young' as unknown as number }],
  ['a time that is NaN', { issued_at: Number.NaN }],
])('a custom feed with %s is never fresh', async (_, odd) => {
  const { issued_at = NOW, ...rest } = odd as { issued_at?: number };
  const feed: Feed = {
    head: { epoch: 1, seq: 1, issued_at, keys: [] },
    ...rest,
    find: () => undefined,
    refresh: async () => ({ ok: true }),
  };
  for (const tier of [0, 1, 2, 3] as const) {
    const settled = await settleFreshness(feed, tier, TIERS, () => NOW * 1000);
    expect(settled).toEqual({ ok: false, error: { code: 'head_missing' } });
  }
});
