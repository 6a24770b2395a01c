import { type Clock, readSeconds } from '../clock.ts';
import type { FeedHit, FeedQuery, Head } from '../feed/index.ts';
import { HEAD_FUTURE_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Denial } from './decision.ts';
import { ruleOf, type Tier, type Tiers } from './tiers.ts';

/** The members of the latest head that a decision needs. */
export type FeedHead = Pick<Head, 'epoch' | 'seq' | 'issued_at' | 'keys' | 'extensions'>;

/**
 * What a verifier needs of a revocation feed. `FeedClient`, `FeedSubscription` and the feed of
 * `openFeedFile` have this shape.
 */
export interface Feed {
  /** The latest signed head; undefined until there is one. */
  readonly head: FeedHead | undefined;
  /**
   * The least age of the head in seconds, whatever the wall clock says. Without it, only the wall
   * clock counts.
   */
  readonly ageSecondsMin?: number | undefined;
  /** Returns what stops a token, according to everything that the feed has received so far. */
  find(query: FeedQuery): FeedHit | undefined;
  /** Returns the feed of one shard. Without this method, there is shard 0 only. */
  shard?(shard: number): Feed | undefined;
  /**
   * Brings the replica forward with the answer to a question that is asked after this call: tier 3
   * depends on it. Never throws, and keeps the last good state on failure.
   */
  refresh(): Promise<{ readonly ok: boolean }>;
}

/** A head that is fresh enough to decide, and how old it is. */
export interface Freshness {
  /** The head is older than the tier asks for, and the tier allows that. */
  readonly stale: boolean;
  readonly head: FeedHead;
  readonly ageSeconds: number;
}

/**
 * Returns the head if it is fresh enough for the tier.
 *
 * No I/O while it is (invariant 2). Otherwise the log is asked once, within a bound, if the tier
 * says so. Without an answer the call is denied (invariant 4).
 */
export async function settleFreshness(
  feed: Feed,
  tier: Tier,
  tiers: Tiers,
  now: Clock,
): Promise<Result<Freshness, Denial>> {
  const rule = ruleOf(tiers, tier);
  if (!rule) return refuse({ code: 'tier_unknown' });
  const current = measure(feed, now);
  const isFresh = current !== undefined && current.ageSeconds <= rule.headSecondsMax;
  if (isFresh && rule.whenFresh === 'offline') return ok({ ...current, stale: false });
  if (current && rule.whenOlder === 'allow_stale') return ok({ ...current, stale: true });

  const refreshed = await feed.refresh();
  const latest = measure(feed, now);
  if (!latest) return refuse({ code: 'head_missing' });
  const { ageSeconds } = latest;
  if ((rule.whenFresh === 'ask' && !refreshed.ok) || ageSeconds > rule.headSecondsMax) {
    return refuse({ code: 'head_stale', ageSeconds, boundSeconds: rule.headSecondsMax });
  }
  return ok({ ...latest, stale: false });
}

/**
 * Returns the head and its age. Undefined also for a head from the future: the clock has gone back
 * since it was received, so its age is unknown. With an age of 0 it would stay fresh until the
 * clock has caught up, while every newer head is refused.
 */
function measure(
  { head, ageSecondsMin = 0 }: Feed,
  now: Clock,
): { head: FeedHead; ageSeconds: number } | undefined {
  if (!head) return undefined;
  const ageSeconds = readSeconds(now) - head.issued_at;
  // Written this way round, so that a clock that returns NaN measures nothing.
  if (!(ageSeconds >= -HEAD_FUTURE_SECONDS_MAX)) return undefined;
  const leastSeconds = Math.max(0, ageSeconds, ageSecondsMin);
  // Another maker's feed may report NaN, which exceeds no bound.
  return Number.isNaN(leastSeconds) ? undefined : { head, ageSeconds: leastSeconds };
}
