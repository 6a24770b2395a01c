import { recentAt } from '../../../src/activity/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { ADMIN_API, RouteAnswer } from '../../../src/issuer-api/index.ts';
import type { AsOf, IndexedWorkflow } from './binding.ts';

type Listed = RouteAnswer<(typeof ADMIN_API)['workflows']['listWorkflows']>['workflows'][number];

/** Returns a workflow of the index as lists show it. */
export function describeWorkflow(
  { id, state, by, tier, began, ends, ended, lastCall, recent, ...row }: IndexedWorkflow,
  now: UnixMilliseconds,
): Listed {
  const { agent, subject, owner, task, mints, children, calls, denials, waiting } = row;
  return {
    id,
    state,
    ...(by !== undefined && { by }),
    ...(agent !== undefined && { agent }),
    ...(subject !== undefined && { subject }),
    ...(owner !== undefined && { owner }),
    ...(task !== undefined && { task }),
    ...(tier !== undefined && { tier }),
    started: began,
    ends,
    ...(ended !== undefined && { ended }),
    mints,
    children,
    calls,
    denials,
    ...(lastCall !== undefined && { last_call: lastCall }),
    waiting,
    recent: recentAt(recent, now),
  };
}

/** Returns how far the index was, as answers have it. */
export const describeAsOf = ({ epoch, seq, at }: AsOf) => ({
  epoch,
  seq,
  at: new Date(at).toISOString(),
});
