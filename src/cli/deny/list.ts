import * as v from 'valibot';
import { printableJson } from '../../approval/index.ts';
import { refuse } from '../../result.ts';
import { type Command, readFlags, SWITCH, showJson, YES } from '../command.ts';
import { askIssuer, ISSUER_FLAGS, ISSUER_HELP } from '../issuer.ts';
import { denialShape, rfc3339, untilWords, whom } from './denied.ts';

const HELP = `hewn deny list [--issuer URL] [--file FILE] [--json]

Lists what is denied now, since when, until when and why.

  hewn deny list

${ISSUER_HELP}
Exit code: 0, or 2 where it could not be done.`;

const listShape = v.object({ denials: v.array(denialShape) });

export const denyList: Command = {
  name: 'deny list',
  summary: 'what is denied now, and why',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, { ...ISSUER_FLAGS, json: SWITCH });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    if (positionals.length > 0) return refuse('it takes no SCOPE: it lists all that is denied');
    const listed = await askIssuer(at, values, 'denials', listShape);
    if (!listed.ok) return listed;
    const { denials } = listed.value;
    if (values.json === true) at.out(showJson(listed.value));
    else if (denials.length === 0) at.out('nothing is denied');
    else {
      const lines = denials.flatMap((denial) => [
        `${whom(denial)}: ${untilWords(denial)}`,
        `  since       ${rfc3339(denial.at)}`,
        `  reason      ${denial.reason === undefined ? 'lost in a restore; see the audit log' : printableJson(denial.reason)}`,
      ]);
      at.out(lines.join('\n'));
    }
    return YES;
  },
};
