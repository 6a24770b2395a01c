import { ADMIN_API } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { computeDigest, readApprovalId } from './digest.ts';
import { markedLines, renderApproval } from './report.ts';

export const approvalsShow = defineCommand({
  name: 'approvals show',
  summary: 'show exactly what a request asks for, and its answer',
  operands: 'ID',
  description:
    'Shows exactly what a request asks for: the agent and the person behind it, which tools on which data with which arguments, for how long, and by which rule of the policy. Each line is new, the same as in the last question of the agent, or gone since; in a step-up, what it adds to the workflow is new. It also shows the last answer to the agent, where the values came from, and whether you may answer. The digest covers the question. The command computes it from what it shows, and it is what you approve.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn approvals show apr_Vn2...'],
  run: async ({ flags, operands }, context) => {
    const id = readApprovalId(operands);
    if (!id.ok) return id;
    const call = { params: { id: id.value } };
    const shown = await callIssuer(context, flags, ADMIN_API.approvals.showApproval, call);
    if (!shown.ok) return shown;
    // The lines are rendered here: the issuer's own could describe another question.
    const { words: _, ...sent } = shown.value;
    const approval = { ...sent, lines: [...markedLines(sent)] };
    const digest = await computeDigest(approval);
    if (digest !== approval.digest || approval.id !== id.value) {
      return refuse('the question that the issuer sent does not match its digest: approve nothing');
    }
    context.out(
      flags.json
        ? showAnswer(ADMIN_API.approvals.showApproval, approval)
        : renderApproval(context, approval, digest),
    );
    return YES;
  },
});
