import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { readProposalId } from './find.ts';

export const proposalsWithdraw = defineCommand({
  name: 'proposals withdraw',
  summary: 'withdraw an order that waits for a second person',
  operands: 'ID',
  description:
    'Withdraws an order that waits, so that no one can confirm it any more. Its author may do it, and so may everyone who has the permission of the order.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn proposals withdraw prp_Vn2...'],
  run: async ({ flags, operands }, context) => {
    const id = readProposalId(operands);
    if (!id.ok) return id;
    const { withdrawProposal } = ADMIN_API.proposals;
    const withdrawn = await callIssuer(context, flags, withdrawProposal, {
      params: { id: id.value },
    });
    if (!withdrawn.ok) return withdrawn;
    context.out(flags.json ? showJson({ withdrawn: id.value }) : `${id.value}  withdrawn`);
    return YES;
  },
});
