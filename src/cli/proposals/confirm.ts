import { printableJson } from '../../approval/index.ts';
import type { Json } from '../../canonical-json.ts';
import { ADMIN_API } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, NO, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { renderFacts } from '../terminal/index.ts';
import { findProposal, readProposalId } from './find.ts';
import { renderProposal } from './render.ts';

export const proposalsConfirm = defineCommand({
  name: 'proposals confirm',
  summary: 'confirm an order of another person, which carries it out',
  operands: 'ID',
  description: `Shows exactly what was ordered, and asks. A yes confirms what was shown, by its digest, and the issuer carries the order out. The confirmation is in the audit log before the order takes effect. If the issuer then refuses the order, the proposal is used, and the order has to be given again.

You need a session of your own (hewn login) and the permission of the order. The author cannot confirm it, and neither can a credential, which names no person.

Without a terminal, or with --json, pass the digest that hewn proposals list showed.`,
  flags: {
    digest: {
      kind: 'text',
      value: 'DIGEST',
      description: 'confirm the order with this digest, and do not ask',
    },
    ...REASON_FLAG,
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn proposals confirm prp_Vn2... --reason "the cause was mended in change 1234"',
    'hewn proposals confirm prp_Vn2... --digest 5f0c... --reason "as agreed" --json',
  ],
  exitCodes: { 0: 'the order was carried out', 1: 'the answer was no, and nothing changed' },
  run: async ({ flags, operands }, context) => {
    const id = readProposalId(operands);
    if (!id.ok) return id;
    const found = await findProposal(context, flags, id.value);
    if (!found.ok) return found;
    const { digest, permission, may_confirm: mayConfirm } = found.value;
    if (!mayConfirm) {
      return refuse(
        `another person with the permission ${permission} has to confirm it. hewn whoami shows as whom you act`,
      );
    }
    if (flags.digest === undefined) {
      if (flags.json || context.confirm === undefined) {
        return refuse('pass --digest DIGEST: hewn proposals list shows the order and its digest');
      }
      context.out(renderProposal(context, found.value).join('\n'));
      if (!(await context.confirm('confirm exactly this, and carry it out?'))) return NO;
    } else if (flags.digest !== digest) {
      return refuse('--digest is not that of this order. hewn proposals list shows what waits');
    }
    const { confirmProposal } = ADMIN_API.proposals;
    const call = { params: { id: id.value }, body: { digest, reason: flags.reason } };
    const confirmed = await callIssuer(context, flags, confirmProposal, call);
    if (!confirmed.ok) return confirmed;
    const answer = Object.entries(confirmed.value.answer ?? {});
    const facts = answer.map(([name, value]) => ({ name, value: printableJson(value as Json) }));
    const lines = [`${id.value}  confirmed and carried out`, ...renderFacts(context, facts)];
    // A selector is carried out in parts, and a proposal is for one of them.
    if (typeof confirmed.value.answer?.next === 'string') {
      lines.push('More matches than one order reaches: the author has to give the order again.');
    }
    context.out(flags.json ? showAnswer(confirmProposal, confirmed.value) : lines.join('\n'));
    return YES;
  },
});
