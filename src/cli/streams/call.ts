import type { AdminRoute, RouteAnswer, RouteCall } from '../../issuer-api/index.ts';
import { type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { callerOf, describeIssuerFault, type IssuerFlags } from '../issuer.ts';

/** Calls a route of streams. An issuer without a key for signals has none of them. */
export async function callStreams<Route extends AdminRoute>(
  context: CommandContext,
  flags: IssuerFlags,
  route: Route,
  call: RouteCall<Route>,
): Promise<Result<RouteAnswer<Route>, string>> {
  const caller = await callerOf(context, flags);
  if (!caller.ok) return caller;
  const answer = await caller.value(route, call);
  if (answer.ok) return answer;
  const { error } = answer;
  return refuse(
    error.kind === 'unreadable' && error.status === 404
      ? 'signals are off at this issuer: give it a SIGNAL_KEY (docs/reference/signals.md)'
      : await describeIssuerFault(context, flags, error),
  );
}
