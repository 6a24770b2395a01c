/**
 * How fresh the head must be for a route. A tier belongs to the route, never to the token, whose
 * holder would choose the mildest.
 */
export type Tier = 0 | 1 | 2 | 3;

export interface TierRule {
  /** The oldest head that decides offline. */
  readonly headSecondsMax: number;
  /** Beyond it: allow and say `stale`, or ask the log and deny where it does not answer. */
  readonly whenOlder: 'allow_stale' | 'ask';
  /** Whether a call of this tier asks the log even while the head is fresh. */
  readonly whenFresh: 'offline' | 'ask';
}

export type Tiers = Readonly<Record<Tier, TierRule>>;

export const TIERS: Tiers = {
  0: { headSecondsMax: 300, whenOlder: 'allow_stale', whenFresh: 'offline' }, // public read
  1: { headSecondsMax: 60, whenOlder: 'ask', whenFresh: 'offline' }, // internal read
  2: { headSecondsMax: 15, whenOlder: 'ask', whenFresh: 'offline' }, // write
  3: { headSecondsMax: 5, whenOlder: 'ask', whenFresh: 'ask' }, // irreversible: pay, delete, deploy
};

/**
 * The rule of a route's tier. Undefined for what is no tier: a name that every object has, such as
 * `constructor`, would otherwise be a rule without bounds.
 */
export const ruleOf = (tiers: Tiers, tier: unknown): TierRule | undefined =>
  isTier(tier) ? tiers[tier] : undefined;

export const isTier = (tier: unknown): tier is Tier =>
  tier === 0 || tier === 1 || tier === 2 || tier === 3;
