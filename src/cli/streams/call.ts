import type { AdminRoute, RouteAnswer, RouteCall } from '../../issuer-api/index.ts';
import type { Result } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';

/** Calls a route of streams. An issuer without a key for signals has none of them. */
export const callStreams = <Route extends AdminRoute>(
  context: CommandContext,
  flags: IssuerFlags,
  route: Route,
  call: RouteCall<Route>,
): Promise<Result<RouteAnswer<Route>, string>> =>
  callIssuer(context, flags, route, call, (fault) =>
    fault.kind === 'unreadable' && fault.status === 404
      ? 'signals are off at this issuer: give it a SIGNAL_KEY (docs/reference/signals.md)'
      : undefined,
  );
