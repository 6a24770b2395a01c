import type { Clock } from '../clock.ts';
import type { FeedHit, FeedQuery, Head } from '../feed/index.ts';
import { HEAD_FUTURE_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Denial } from './decision.ts';
import { ruleOf, type Tier, type Tiers } from './tiers.ts';

/** What of the newest head a decision needs. */
export type HeldHead = Pick<Head, 'epoch' | 'seq' | 'issued_at' | 'keys'>;

/** What the verifier needs of a feed: `FeedClient` is one, a file or a test may be another. */
export interface Feed {
  readonly head: HeldHead | undefined;
  /**
   * How many seconds old the head is at least, whatever the wall clock says. Without it, the wall
   * clock alone counts.
   */
  readonly ageSecondsMin?: number | undefined;
  /** What stops a token, of all that the feed has said so far. */
  find(question: FeedQuery): FeedHit | undefined;
  /** The feed of one shard, where there are several; without it there is shard 0 alone. */
  shard?(shard: number): Feed | undefined;
  /**
   * Brings the replica forward by the answer to a question that is asked after this call: tier 3
   * depends on it. Never throws, and on failure keeps the last good state.
   */
  refresh(): Promise<{ readonly ok: boolean }>;
}

export interface Freshness {
  readonly stale: boolean;
  readonly head: HeldHead;
  readonly ageSeconds: number;
}

/**
 * Settles whether the head is good enough for the tier. No I/O while it is fresh (invariant 2), one
 * bounded question to the log where the tier asks, and a denial where no answer comes (invariant
 * 4).
 */
export async function settleFreshness(
  feed: Feed,
  tier: Tier,
  tiers: Tiers,
  now: Clock,
): Promise<Result<Freshness, Denial>> {
  const rule = ruleOf(tiers, tier);
  if (!rule) return refuse({ code: 'tier_unknown' });
  const held = measure(feed, now);
  const fresh = held !== undefined && held.ageSeconds <= rule.headSecondsMax;
  if (fresh && rule.whenFresh === 'offline') return ok({ ...held, stale: false });
  if (held && rule.whenOlder === 'allow_stale') return ok({ ...held, stale: true });

  const asked = await feed.refresh();
  const answered = measure(feed, now);
  if (!answered) return refuse({ code: 'head_missing' });
  const { ageSeconds } = answered;
  if ((rule.whenFresh === 'ask' && !asked.ok) || ageSeconds > rule.headSecondsMax) {
    return refuse({ code: 'head_stale', ageSeconds, boundSeconds: rule.headSecondsMax });
  }
  return ok({ ...answered, stale: false });
}

/**
 * Undefined also for a head from the future: the clock has gone back since it was taken, and how
 * old it is cannot be told. Were its age 0, it would stay so until the clock has caught up, while
 * every newer head is refused.
 */
function measure(
  { head, ageSecondsMin = 0 }: Feed,
  now: Clock,
): { head: HeldHead; ageSeconds: number } | undefined {
  if (!head) return undefined;
  const ageSeconds = Math.floor(now() / 1000) - head.issued_at;
  // Also a clock that is no number measures nothing.
  if (!(ageSeconds >= -HEAD_FUTURE_SECONDS_MAX)) return undefined;
  const leastSeconds = Math.max(0, ageSeconds, ageSecondsMin);
  // Of another maker's feed: what is no number is over no bound.
  return Number.isNaN(leastSeconds) ? undefined : { head, ageSeconds: leastSeconds };
}
