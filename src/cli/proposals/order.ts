import {
  type AdminRoute,
  describeWaiting,
  type Proposal,
  type RouteAnswer,
  type RouteCall,
} from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type Answer, type CommandContext, showJson } from '../command.ts';
import { callerOf, describeIssuerFault, type IssuerFlags } from '../issuer.ts';
import { showSeconds } from '../terminal/index.ts';
import { jsonOf } from './render.ts';

const WAITS: Answer = ok(3);

/** The exit code of every command whose order may wait for a second person. */
export const WAITS_EXIT_CODE = {
  3: 'nothing changed yet: the order waits for a second person (hewn proposals list)',
} as const;

/**
 * Sends an order that may wait for a second person. If it waits, this says so, and the error is the
 * answer of the command.
 */
export async function orderIssuer<Route extends AdminRoute>(
  context: CommandContext,
  flags: IssuerFlags & { readonly json: boolean },
  route: Route,
  call: RouteCall<Route>,
): Promise<Result<RouteAnswer<Route>, Answer>> {
  const caller = await callerOf(context, flags);
  if (!caller.ok) return refuse(caller);
  const answer = await caller.value(route, call);
  if (answer.ok) return answer;
  const { error } = answer;
  if (error.kind === 'proposed') return refuse(reportWaiting(context, flags.json, error.proposal));
  return refuse(refuse(await describeIssuerFault(context, flags, error)));
}

/** Says that an order waits, how another person confirms it, and until when. */
export function reportWaiting(context: CommandContext, json: boolean, proposal: Proposal): Answer {
  context.out(
    json
      ? showJson({ proposal: jsonOf(proposal) })
      : describeWaiting(proposal, showSeconds(context, proposal.expires)),
  );
  return WAITS;
}
