/**
 * How fresh the revocation head must be before a route may be called, from 0 (public read) to 3
 * (irreversible). A tier belongs to the route and never to the token: its holder would choose the
 * mildest (docs/decisions/005-tiers-belong-to-routes.md).
 */
export type Tier = 0 | 1 | 2 | 3;

/** What one tier requires of the head. */
export interface TierRule {
  /** The greatest age of a head with which a call is decided offline. */
  readonly headSecondsMax: number;
  /**
   * What happens with an older head. `allow_stale`: the decision is offline and marked `stale`.
   * `ask`: the log is asked, and the call is denied if it does not answer.
   */
  readonly whenOlder: 'allow_stale' | 'ask';
  /** Whether the log is asked even while the head is fresh. */
  readonly whenFresh: 'offline' | 'ask';
}

/** The rules of all four tiers: an option of `createVerifier`. */
export type Tiers = Readonly<Record<Tier, TierRule>>;

/** The rules that apply unless `createVerifier` gets others. */
export const TIERS: Tiers = {
  0: { headSecondsMax: 300, whenOlder: 'allow_stale', whenFresh: 'offline' }, // public read
  1: { headSecondsMax: 60, whenOlder: 'ask', whenFresh: 'offline' }, // internal read
  2: { headSecondsMax: 15, whenOlder: 'ask', whenFresh: 'offline' }, // write
  3: { headSecondsMax: 5, whenOlder: 'ask', whenFresh: 'ask' }, // irreversible: pay, delete, deploy
};

/**
 * Returns the rule of a route's tier, or undefined for anything that is not a tier. Without the
 * check, a name that every object has, such as `constructor`, would be a rule without bounds.
 */
export const ruleOf = (tiers: Tiers, tier: unknown): TierRule | undefined =>
  isTier(tier) ? tiers[tier] : undefined;

export const isTier = (tier: unknown): tier is Tier =>
  tier === 0 || tier === 1 || tier === 2 || tier === 3;
