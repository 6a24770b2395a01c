/**
 * What operators ask: which agents asked for what, who can do what, which rules decide, and what a
 * draft would change. Pure functions of records, living workflows and a policy.
 */
export { type About, heldBy } from './held.ts';
export {
  type Decided,
  decideInOrder,
  type Outcome,
  showGrant,
  showOutcome,
  showTerms,
  showVerdict,
  showWhole,
} from './outcome.ts';
export { inputOf } from './policy-input.ts';
export type { Names } from './principal.ts';
export { requestOf } from './recorded-request.ts';
export { ruleHits } from './rule-hits.ts';
export {
  type Hits,
  HOURS_COUNTED,
  hourOf,
  type Party,
  type PartyKind,
  SeenRequests,
} from './seen.ts';
export { comparePolicies, type DraftChange, effectOn, type Side, tryDraft } from './try-draft.ts';
export { type Use, unusedGrants } from './unused.ts';
export { type ByPolicy, whoGets } from './who-gets.ts';
