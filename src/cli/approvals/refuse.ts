import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand } from '../command.ts';
import { callIssuer } from '../issuer.ts';
import { WAITS_EXIT_CODE } from '../proposals/order.ts';
import { DECIDE_FLAGS, sendDecision } from './decide.ts';
import { readApprovalId } from './digest.ts';

export const approvalsRefuse = defineCommand({
  name: 'approvals refuse',
  summary: 'refuse a request, for at least an hour',
  operands: 'ID',
  description:
    'Refuses a request. The agent gets access_denied, and cannot ask the same question again for an hour. Refusing a request that was approved withdraws the approval, unless it was used.',
  flags: {
    digest: {
      kind: 'text',
      value: 'DIGEST',
      description: 'the digest of the question; by default the digest of the current question',
    },
    ...DECIDE_FLAGS,
  },
  examples: ['hewn approvals refuse apr_Vn2... --by alice --reason "no one ordered this"'],
  exitCodes: WAITS_EXIT_CODE,
  run: async ({ flags, operands }, context) => {
    const id = readApprovalId(operands);
    if (!id.ok) return id;
    const { by, reason } = flags;
    const params = { id: id.value };
    // Unlike an approval, a refusal is safe without knowing exactly what is refused.
    const asked = await callIssuer(context, flags, ADMIN_API.approvals.showApproval, { params });
    if (!asked.ok) return asked;
    const digest = flags.digest ?? asked.value.digest;
    return sendDecision(context, flags, id.value, {
      decision: 'refuse',
      digest,
      ...(by !== undefined && { by }),
      reason,
    });
  },
});
