import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { WorkflowState } from '../../../src/lifecycle/index.ts';
import type { Reach } from '../feed/confirmations.ts';
import { progressOf, type StopProgress } from '../feed/effect.ts';
import type { ViewStanding } from './binding.ts';

/** The state of a workflow in an operator's answer. */
export interface StandingReport {
  /** The state in the feed, which is what verifiers go by. */
  readonly state: WorkflowState;
  /** The decided state, if the feed does not have it yet. */
  readonly ordered?: WorkflowState;
  /** For a stop: ordered, in the feed, confirmed by verifiers, or no longer needed. */
  readonly standing?: 'ordered' | StopProgress;
}

const RUNS: Readonly<Record<WorkflowState, boolean>> = {
  pending: true,
  active: true,
  completing: true,
  suspended: false,
  completed: false,
  failed: false,
  revoked: false,
  expired: false,
};

/** Returns how far a state has taken effect. `reach` belongs to the entry that stops it, if any. */
export function reportStanding(
  {
    ordered,
    inForce,
    tokensEnd,
    reach,
  }: Omit<ViewStanding, 'entry'> & { readonly reach: Reach | undefined },
  now: UnixMilliseconds,
): StandingReport {
  const known = reach ?? { seen: 0, confirmed: 0, waiting: [] };
  const standing = progressOf(known, tokensEnd, now);
  // A stop without an entry needs none: verifiers reject tokens that have expired.
  if (standing === 'ended' && !RUNS[ordered]) return { state: ordered, standing };
  if (ordered !== inForce) {
    return { state: inForce, ordered, ...(!RUNS[ordered] && { standing: 'ordered' as const }) };
  }
  return RUNS[inForce] ? { state: inForce } : { state: inForce, standing };
}
