import { ADMIN_API, type RouteCall } from '../../issuer-api/index.ts';
import { type Answer, type CommandContext, YES } from '../command.ts';
import { ISSUER_FLAGS, REASON_FLAG } from '../flags.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';

const { decideApproval } = ADMIN_API.approvals;

/** Of `approve` and `refuse`. */
export const DECIDE_FLAGS = {
  by: {
    kind: 'text',
    value: 'NAME',
    required: true,
    description: 'who decided, for the audit log',
  },
  ...REASON_FLAG,
  ...ISSUER_FLAGS,
} as const;

/** Sends a decision, and prints the state of the request from now on. */
export async function sendDecision(
  context: CommandContext,
  flags: IssuerFlags,
  id: string,
  body: RouteCall<typeof decideApproval>['body'],
): Promise<Answer> {
  const decided = await callIssuer(context, flags, decideApproval, { params: { id }, body });
  if (!decided.ok) return decided;
  context.out(`${id}  ${decided.value.state}`);
  return YES;
}
