import { WORKFLOW_SECONDS_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type Command, readFlags } from '../command.ts';
import { ISSUER_HELP } from '../issuer.ts';
import { ORDER_FLAGS, sendOrder, unfitOrder } from './order.ts';
import { readApprovalId } from './telling.ts';

const HELP = `hewn approvals approve ID --digest DIGEST --for TIME --by NAME --reason TEXT
                      [--issuer URL] [--file FILE]

Approves what hewn approvals show showed, and nothing else: the digest is that of the question, and
where the agent or the policy asks anything else by now, nothing is minted. One capability is minted
by it, and that one ends with TIME at the latest: 30s, 10m, 2h, up to 8h from now.

  hewn approvals show apr_Vn2...
  hewn approvals approve apr_Vn2... --digest 5f0c... --for 10m --by alice --reason "as agreed"

${ISSUER_HELP}
Exit code: 0, or 2 where it could not be done.`;

export const approvalsApprove: Command = {
  name: 'approvals approve',
  summary: 'let what was shown be minted, once',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, { ...ORDER_FLAGS, for: { type: 'string' } });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const id = readApprovalId(positionals);
    if (!id.ok) return id;
    const { digest = '', by, reason } = values;
    if (!/^[0-9a-f]{64}$/.test(digest)) {
      return refuse('--digest is the one that hewn approvals show says');
    }
    const seconds = readSeconds(values.for);
    if (!seconds.ok) return seconds;
    const unfit = unfitOrder(values);
    if (unfit !== undefined) return refuse(unfit);
    const until = Math.floor(at.now().getTime() / 1000) + seconds.value;
    const order = { decision: 'approve', digest, by, reason, until };
    return sendOrder(at, values, id.value, order);
  },
};

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

function readSeconds(text: string | undefined): Result<number, string> {
  const [, count = '0', unit = 's'] = /^(\d{1,5})([smh])$/.exec(text ?? '') ?? [];
  const seconds = Number(count) * (UNITS[unit] ?? 0);
  return seconds >= 1 && seconds <= WORKFLOW_SECONDS_MAX
    ? ok(seconds)
    : refuse('--for is a time such as 30s, 10m or 2h, up to 8h');
}
