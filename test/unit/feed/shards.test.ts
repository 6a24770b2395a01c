import { describe, expect, test } from 'vitest';
import { ShardedFeed } from '../../../src/feed/index.ts';
import { CALL, fixedFeed, type Revoked, verifierWith } from '../fixtures/feed.ts';
import { AUTHORITY_LINES, mintSource, mintToken, opened } from '../fixtures/issuer.ts';

const stopped: readonly Revoked[] = [{ by: 'workflow', id: 'wf_1' }];

async function decide(shard: number, zero = fixedFeed(1), one = fixedFeed(1)) {
  const feed = new ShardedFeed(zero, new Map([[1, one]]));
  const decision = await verifierWith({ feed }).verify(mintToken({ shard }), CALL);
  return decision.allowed ? 'allowed' : decision.denial.code;
}

describe('a token of a shard', () => {
  test('has the number of its shard, and belongs to shard 0 without one', async () => {
    expect((await opened(mintToken({ shard: 1 }))).authority.shard).toBe(1);
    for (const token of [mintToken(), mintToken({ shard: 0 })]) {
      expect((await opened(token)).authority).not.toHaveProperty('shard');
    }
  });

  test.each(['shard(1); shard(2)', 'shard("1")', 'shard(-1)', 'shard(65536)'])(
    'is refused where it says %s',
    async (facts) => {
      const token = mintSource(`${[...AUTHORITY_LINES, facts].join(';')};`);
      const decision = await verifierWith().verify(token, CALL);
      expect(decision).toMatchObject({
        denial: { code: 'authority_invalid', fact: 'shard' },
      });
    },
  );

  test('is checked against the feed of its shard and of shard 0', async () => {
    expect(await decide(1)).toBe('allowed');
    expect(await decide(1, fixedFeed(1), fixedFeed(1, stopped))).toBe('revoked');
    expect(await decide(1, fixedFeed(1, stopped))).toBe('revoked');
    expect(await decide(0, fixedFeed(1), fixedFeed(1, stopped))).toBe('allowed');
  });

  test('is denied if either head is too old', async () => {
    expect(await decide(1, fixedFeed(1), fixedFeed(-100))).toBe('head_stale');
    expect(await decide(1, fixedFeed(-100), fixedFeed(1))).toBe('head_stale');
    expect(await decide(1, fixedFeed(1), fixedFeed(undefined))).toBe('head_missing');
  });

  test('is denied if its shard is not followed', async () => {
    expect(await decide(2)).toBe('head_missing');
    const decision = await verifierWith().verify(mintToken({ shard: 1 }), CALL);
    expect(decision).toMatchObject({ denial: { code: 'head_missing' } });
  });
});
