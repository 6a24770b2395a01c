import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { renderProposal } from './render.ts';

export const proposalsList = defineCommand({
  name: 'proposals list',
  summary: 'list the orders that wait for a second person',
  description:
    'Lists the orders that wait for a second person, the oldest first: what exactly was ordered, by whom, until when it waits, and whether you may confirm it. Which orders wait is set by twoPeople in [operators] of hewn.toml.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn proposals list', "hewn proposals list --json | jq '.proposals[].digest'"],
  run: async ({ flags }, context) => {
    const { listProposals } = ADMIN_API.proposals;
    const listed = await callIssuer(context, flags, listProposals, {});
    if (!listed.ok) return listed;
    const { proposals } = listed.value;
    const lines = proposals.flatMap((each) => [
      ...renderProposal(context, each),
      each.may_confirm
        ? `  You may confirm it: hewn proposals confirm ${each.id} --reason WHY`
        : `  Another person with the permission ${each.permission} has to confirm it.`,
    ]);
    if (flags.json) context.out(showAnswer(listProposals, listed.value));
    else context.out(lines.join('\n') || 'no order waits for a second person');
    return YES;
  },
});
