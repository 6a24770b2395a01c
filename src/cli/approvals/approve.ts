import { toSeconds } from '../../clock.ts';
import { WORKFLOW_SECONDS_MAX } from '../../limits.ts';
import { refuse } from '../../result.ts';
import { defineCommand } from '../command.ts';
import { readDuration } from '../duration.ts';
import { WAITS_EXIT_CODE } from '../proposals/order.ts';
import { DECIDE_FLAGS, sendDecision } from './decide.ts';
import { readApprovalId } from './digest.ts';

export const approvalsApprove = defineCommand({
  name: 'approvals approve',
  summary: 'approve exactly what was shown, once',
  operands: 'ID',
  description:
    'Approves what hewn approvals show printed, and nothing else. The digest identifies the question: if the agent or the policy now asks anything else, nothing is minted. The approval covers one capability, which ends when the approval does.',
  flags: {
    digest: {
      kind: 'text',
      value: 'DIGEST',
      required: true,
      description: 'the digest that hewn approvals show printed',
    },
    for: {
      kind: 'text',
      value: 'TIME',
      required: true,
      description: 'how long the approval holds: 30s, 10m or 2h, up to 8h',
    },
    ...DECIDE_FLAGS,
  },
  examples: [
    'hewn approvals show apr_Vn2...',
    'hewn approvals approve apr_Vn2... --digest 5f0c... --for 10m --reason "as agreed"',
  ],
  exitCodes: WAITS_EXIT_CODE,
  run: async ({ flags, operands }, context) => {
    const id = readApprovalId(operands);
    if (!id.ok) return id;
    const { digest, by, reason } = flags;
    if (!/^[0-9a-f]{64}$/.test(digest)) {
      return refuse('--digest must be the one that hewn approvals show printed: 64 hex digits');
    }
    const seconds = readDuration('--for', flags.for, WORKFLOW_SECONDS_MAX);
    if (!seconds.ok) return seconds;
    const until = toSeconds(context.now().getTime()) + seconds.value;
    return sendDecision(context, flags, id.value, {
      decision: 'approve',
      digest,
      ...(by !== undefined && { by }),
      reason,
      until,
    });
  },
});
