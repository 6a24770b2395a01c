import { refuse } from '../../result.ts';
import { type Command, readFlags, SWITCH, showJson, TEXT } from '../command.ts';
import { effectAnswer, effectLines, effectShape, readStopOrder, STOP_FLAGS } from '../effect.ts';
import { askIssuer, ISSUER_FLAGS, ISSUER_HELP } from '../issuer.ts';
import { readWorkflowId } from './id.ts';

const HELP = `hewn workflows revoke ID --reason TEXT [--block BLOCK] [--wait SECONDS] [--even-unknown]
                      [--issuer URL] [--file FILE] [--json]

Revokes a workflow: no token comes out for it any more, and those that are out are dead. Revoked is
for ever. With --block, one block of its tokens and all that was narrowed from it: the workflow goes
on. The answer says by when each tier refuses, and which verifiers have it; --wait waits for them,
up to 10 s, and for one to be heard of. An id of which nothing is known is refused, unless
--even-unknown says that it is meant.

  hewn workflows revoke wf_7Qx... --reason "it reads what it should not" --wait 5
  hewn workflows revoke wf_7Qx... --block 4f0a... --reason "this token was in a bug report"

${ISSUER_HELP}
Exit code: 0. 1 with --wait, where it is in the feed and a verifier has not said that it has it, or
none was heard of. 2 it could not be done, or is ordered and not in force yet.`;

const FLAGS = {
  ...ISSUER_FLAGS,
  ...STOP_FLAGS,
  json: SWITCH,
  block: TEXT,
  'even-unknown': SWITCH,
} as const;

export const workflowsRevoke: Command = {
  name: 'workflows revoke',
  summary: 'stop a workflow, or one token of it, for ever',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, FLAGS);
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const id = readWorkflowId(positionals);
    if (!id.ok) return id;
    const { block } = values;
    if (block !== undefined && !/^[0-9a-f]{128}$/.test(block)) {
      return refuse('--block is a revocation id of the trail: 128 hex digits');
    }
    const order = readStopOrder(values);
    if (!order.ok) return order;
    const { reason, query } = order.value;
    const target = block === undefined ? '' : `/blocks/${block}`;
    const path = `workflows/${id.value}${target}/revoke${query}`;
    const body = { reason, ...(values['even-unknown'] === true && { even_unknown: true }) };
    const revoked = await askIssuer(at, values, path, effectShape, body);
    if (!revoked.ok) return revoked;
    if (values.json === true) at.out(showJson(revoked.value));
    else at.out([`${id.value}  revoked`, ...effectLines(revoked.value)].join('\n'));
    return effectAnswer(revoked.value, order.value);
  },
};
