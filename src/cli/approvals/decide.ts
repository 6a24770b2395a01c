import { ADMIN_API, type RouteCall } from '../../issuer-api/index.ts';
import { type Answer, type CommandContext, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import type { IssuerFlags } from '../issuer.ts';
import { orderIssuer } from '../proposals/order.ts';

const { decideApproval } = ADMIN_API.approvals;

/** Of `approve` and `refuse`. */
export const DECIDE_FLAGS = {
  by: {
    kind: 'text',
    value: 'NAME',
    description: 'who decided, if you act by a credential: a session has your name',
  },
  ...REASON_FLAG,
  ...ISSUER_FLAGS,
  ...JSON_FLAG,
} as const;

/** Sends a decision, and prints the state of the request from now on. */
export async function sendDecision(
  context: CommandContext,
  flags: IssuerFlags & { readonly json: boolean },
  id: string,
  body: RouteCall<typeof decideApproval>['body'],
): Promise<Answer> {
  const decided = await orderIssuer(context, flags, decideApproval, { params: { id }, body });
  if (!decided.ok) return decided.error;
  const text = `${id}  ${decided.value.state}`;
  context.out(flags.json ? showAnswer(decideApproval, decided.value) : text);
  return YES;
}
