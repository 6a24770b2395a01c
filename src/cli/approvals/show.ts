import { refuse } from '../../result.ts';
import { type Command, readFlags, showJson, YES } from '../command.ts';
import { askIssuer, ISSUER_FLAGS, ISSUER_HELP } from '../issuer.ts';
import { approvalShape, digestHere } from './shown.ts';
import { approvalText, readApprovalId } from './telling.ts';

const HELP = `hewn approvals show ID [--issuer URL] [--file FILE] [--json]

Shows what exactly is asked: who, for whom, which tools on which data with which arguments, for how
long, and by which rule of the policy. The digest stands for all of it; it is computed here, from
what is shown here, and is what you approve.

  hewn approvals show apr_Vn2...

${ISSUER_HELP}
Exit code: 0, or 2 where it could not be done.`;

export const approvalsShow: Command = {
  name: 'approvals show',
  summary: 'what exactly is asked, and what became of it',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, { ...ISSUER_FLAGS, json: { type: 'boolean' } });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const id = readApprovalId(positionals);
    if (!id.ok) return id;
    const approval = await askIssuer(at, values, `approvals/${id.value}`, approvalShape);
    if (!approval.ok) return approval;
    const digest = await digestHere(approval.value);
    if (digest !== approval.value.digest || approval.value.id !== id.value) {
      return refuse('the issuer shows another question than it asks: approve nothing of it');
    }
    at.out(values.json === true ? showJson(approval.value) : approvalText(approval.value, digest));
    return YES;
  },
};
