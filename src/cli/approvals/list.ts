import { ADMIN_API } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { approvalTable, markedLines } from './report.ts';

export const approvalsList = defineCommand({
  name: 'approvals list',
  summary: 'list pending approval requests',
  description:
    'Lists pending approval requests, oldest first: agent, subject, task, deadline, and whether you may answer. A page has up to 50. The next one comes after the last SEQ, which --json shows.',
  flags: {
    after: { kind: 'text', value: 'SEQ', description: 'list what comes after this SEQ' },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: ['hewn approvals list', "hewn approvals list --json | jq '.approvals[].question'"],
  run: async ({ flags }, context) => {
    const { after = '0' } = flags;
    if (!/^\d{1,15}$/.test(after)) return refuse('--after must be a SEQ of the list');
    const { listApprovals } = ADMIN_API.approvals;
    const listed = await callIssuer(context, flags, listApprovals, { query: { after } });
    if (!listed.ok) return listed;
    const { pending } = listed.value;
    const approvals = listed.value.approvals.map(({ words: _, ...approval }) => ({
      ...approval,
      lines: [...markedLines(approval)],
    }));
    if (flags.json) context.out(showAnswer(listApprovals, { approvals, pending }));
    else {
      if (approvals.length > 0) context.out(approvalTable(context, approvals));
      const noun = pending === 1 ? 'approval' : 'approvals';
      context.out(`${pending} pending ${noun}. Run hewn approvals show ID for details.`);
    }
    return YES;
  },
});
