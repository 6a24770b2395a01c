import { describe, expect, test } from 'vitest';
import { TIERS } from '../../../src/verifier/index.ts';
import { boundsFrom, progressOf } from '../../../workers/issuer/feed/effect.ts';
import { reportStanding } from '../../../workers/issuer/workflow/standing.ts';

const NO_VERIFIER = { seen: 0, confirmed: 0, waiting: [] };
const BOTH = { seen: 2, confirmed: 2, waiting: [] };
const ONE_OF_TWO = { seen: 2, confirmed: 1, waiting: ['other'] };

/** Measures the age of a head in whole seconds, as `src/verifier/freshness.ts` does. */
const isTaken = (tier: 1 | 2, issuedAt: number, now: number): boolean =>
  Math.floor(now / 1000) - issuedAt <= TIERS[tier].headSecondsMax;

describe('the time by which a stop is enforced', () => {
  test('is never before the last call that a verifier may allow with an older head', () => {
    for (let millisecond = 0; millisecond < 1_000; millisecond += 7) {
      const now = 1_795_428_000_000 + millisecond;
      // The newest head that may lack the entry was issued within this second.
      const issuedAt = Math.floor(now / 1000);
      const bounds = boundsFrom(now, undefined);
      for (const tier of [1, 2] as const) {
        const by = Date.parse(bounds.by_tier[tier] ?? '');
        expect(isTaken(tier, issuedAt, by)).toBe(false);
        expect(isTaken(tier, issuedAt, by - 1)).toBe(true);
      }
      expect(Date.parse(bounds.effective_by)).toBe(Date.parse(bounds.by_tier[1] ?? ''));
    }
  });

  test('of tier 3 is not before the command was sent', () => {
    const now = 1_795_428_000_995;
    expect(Date.parse(boundsFrom(now, undefined).by_tier[3] ?? '')).toBe(now);
  });
});

describe('the progress of a stop', () => {
  const NOW = 1_795_428_000_000;
  const [alive, dead] = [NOW / 1000 + 10, NOW / 1000 - 61];

  test.each([
    ['in_feed', NO_VERIFIER, alive],
    ['in_feed', NO_VERIFIER, undefined],
    ['in_feed', ONE_OF_TWO, alive],
    ['confirmed', BOTH, alive],
    ['ended', NO_VERIFIER, dead],
    // Within the skew, a verifier whose clock is behind still accepts the token.
    ['in_feed', NO_VERIFIER, NOW / 1000 - 59],
  ] as const)(
    'is %s, and no known verifier does not mean that all have it',
    (standing, reach, expires) => {
      expect(progressOf(reach, expires, NOW)).toBe(standing);
    },
  );

  test.each([
    [
      'decided, and not in the feed',
      'revoked',
      'active',
      alive,
      undefined,
      ['active', 'revoked', 'ordered'],
    ],
    ['in the feed', 'revoked', 'revoked', alive, NO_VERIFIER, ['revoked', undefined, 'in_feed']],
    ['confirmed', 'suspended', 'suspended', alive, BOTH, ['suspended', undefined, 'confirmed']],
    ['no longer needed', 'expired', 'active', dead, undefined, ['expired', undefined, 'ended']],
    [
      'a waiting resumption',
      'active',
      'suspended',
      alive,
      BOTH,
      ['suspended', 'active', undefined],
    ],
    [
      'a waiting resumption whose tokens have ended',
      'active',
      'suspended',
      dead,
      BOTH,
      ['suspended', 'active', undefined],
    ],
    ['no stop', 'active', 'active', alive, undefined, ['active', undefined, undefined]],
  ] as const)('is reported for a workflow: %s', (_, ordered, inForce, tokensEnd, reach, said) => {
    const {
      state,
      ordered: waits,
      standing,
    } = reportStanding({ ordered, inForce, tokensEnd, reach }, NOW);
    expect([state, waits, standing]).toEqual(said);
  });
});
