import type { Call, VerifiedCapability } from '../capability/index.ts';
import type { Decision, Denial, Evidence } from './decision.ts';
import type { Freshness } from './freshness.ts';
import { isTier, type Tier } from './tiers.ts';

interface TierOfRoute {
  readonly tier: Tier;
}

/** Returns the decision of a denied call. */
export const deny = (denial: Denial, evidence: Evidence): Decision => ({
  allowed: false,
  denial,
  evidence,
});

/** Returns what the request says about the call, before anything is known about the token. */
export const evidenceOfCall = ({
  tool,
  action,
  dataset,
  ...route
}: Call & TierOfRoute): Evidence => ({
  revocationIds: [],
  tool,
  action,
  datasets: [dataset].flat(),
  ...tierOf(route),
});

/** Leaves out a tier that does not exist: the readers of records know only four. */
export const tierOf = ({ tier }: TierOfRoute): Pick<Evidence, 'tier'> =>
  isTier(tier) ? { tier } : {};

/** Returns what the token says, and the head if the decision was based on one. */
export function evidenceOf(token: VerifiedCapability, freshness?: Freshness): Evidence {
  const { workflow, agent, subject, owner, task, catalogue: minted } = token.authority;
  const { revocationIds, hops } = token;
  const parties = { workflow, agent, subject, owner, task };
  const catalogue = minted === undefined ? {} : { catalogue: { minted } };
  const handed = hops.length === 0 ? {} : { hops };
  const evidence: Evidence = { revocationIds, ...handed, ...parties, ...catalogue };
  if (!freshness) return evidence;
  const { epoch, seq } = freshness.head;
  return { ...evidence, head: { epoch, seq, ageSeconds: freshness.ageSeconds } };
}
