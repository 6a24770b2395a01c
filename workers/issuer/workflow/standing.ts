import type { WorkflowState } from '../../../src/lifecycle/index.ts';
import type { Reach } from '../feed/confirmations.ts';
import { progressOf, type StopProgress } from '../feed/effect.ts';
import type { ViewStanding } from './contract.ts';

/** How a workflow stands, as an operator is told. */
export interface SaidStanding {
  /** As the feed has it, which is what verifiers go by. */
  readonly state: WorkflowState;
  /** What was decided, where the feed does not have it yet. */
  readonly ordered?: WorkflowState;
  /** Of a stop: whether it is ordered, in the feed, confirmed, or no longer needed. */
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

/** `reach` is of the entry that stops it, if there is one; `now` is unix milliseconds. */
export function sayStanding(
  {
    ordered,
    inForce,
    tokensEnd,
    reach,
  }: Omit<ViewStanding, 'entry'> & { readonly reach: Reach | undefined },
  now: number,
): SaidStanding {
  const known = reach ?? { seen: 0, confirmed: 0, waiting: [] };
  const standing = progressOf(known, tokensEnd, now);
  // What needs no entry is in force by itself: no verifier takes a token that has ended.
  if (standing === 'ended' && !RUNS[ordered]) return { state: ordered, standing };
  if (ordered !== inForce) {
    return { state: inForce, ordered, ...(!RUNS[ordered] && { standing: 'ordered' as const }) };
  }
  return RUNS[inForce] ? { state: inForce } : { state: inForce, standing };
}
