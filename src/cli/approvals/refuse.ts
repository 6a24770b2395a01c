import { refuse } from '../../result.ts';
import { type Command, readFlags } from '../command.ts';
import { askIssuer, ISSUER_HELP } from '../issuer.ts';
import { ORDER_FLAGS, sendOrder, unfitOrder } from './order.ts';
import { approvalShape } from './shown.ts';
import { readApprovalId } from './telling.ts';

const HELP = `hewn approvals refuse ID --by NAME --reason TEXT [--digest DIGEST]
                     [--issuer URL] [--file FILE]

Refuses what is asked. The agent is told, and the same question is not put again for an hour.

  hewn approvals refuse apr_Vn2... --by alice --reason "nobody ordered that"

${ISSUER_HELP}
Exit code: 0, or 2 where it could not be done.`;

export const approvalsRefuse: Command = {
  name: 'approvals refuse',
  summary: 'say no, for an hour at least',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, ORDER_FLAGS);
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const id = readApprovalId(positionals);
    if (!id.ok) return id;
    const unfit = unfitOrder(values);
    if (unfit !== undefined) return refuse(unfit);
    const { by, reason } = values;
    // A no needs no care for what exactly it is said to.
    const asked = await askIssuer(at, values, `approvals/${id.value}`, approvalShape);
    if (!asked.ok) return asked;
    const digest = values.digest ?? asked.value.digest;
    return sendOrder(at, values, id.value, { decision: 'refuse', digest, by, reason });
  },
};
