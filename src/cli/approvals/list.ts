import * as v from 'valibot';
import { refuse } from '../../result.ts';
import { type Command, readFlags, showJson, YES } from '../command.ts';
import { askIssuer, ISSUER_FLAGS, ISSUER_HELP } from '../issuer.ts';
import { approvalShape } from './shown.ts';
import { approvalLine } from './telling.ts';

const HELP = `hewn approvals list [--issuer URL] [--file FILE] [--after SEQ] [--json]

Lists what waits for a person, oldest first: who asks, for whom, for what task, and until when.
It is a page of up to 50; the next one comes after the last SEQ, which --json shows.

  hewn approvals list
  hewn approvals list --json | jq '.approvals[].question'

${ISSUER_HELP}
Exit code: 0, or 2 where it could not be done.`;

const page = v.object({ approvals: v.array(approvalShape), pending: v.number() });

export const approvalsList: Command = {
  name: 'approvals list',
  summary: 'what waits for a person',
  help: HELP,
  run: async (args, at) => {
    const options = {
      ...ISSUER_FLAGS,
      after: { type: 'string' },
      json: { type: 'boolean' },
    } as const;
    const flags = readFlags(args, options);
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    if (positionals.length > 0) return refuse('it takes no words. See --help');
    const { after = '0' } = values;
    if (!/^\d{1,15}$/.test(after)) return refuse('--after is a SEQ of the list');
    const listed = await askIssuer(at, values, `approvals?after=${after}`, page);
    if (!listed.ok) return listed;
    const { approvals, pending } = listed.value;
    if (values.json === true) at.out(showJson({ approvals, pending }));
    else {
      for (const approval of approvals) at.out(approvalLine(approval));
      at.out(`${pending} wait. hewn approvals show ID says what exactly.`);
    }
    return YES;
  },
};
