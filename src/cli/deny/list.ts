import { printableJson } from '../../approval/index.ts';
import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { showSeconds } from '../terminal/index.ts';
import { describeScope } from '../watermark/scope.ts';
import { describeEnd } from './scope.ts';

export const denyList = defineCommand({
  name: 'deny list',
  summary: 'list the denials in force',
  description: 'Lists what is denied now: since when, until when and why.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn deny list'],
  run: async ({ flags }, context) => {
    const listed = await callIssuer(context, flags, ADMIN_API.denials.listDenials, {});
    if (!listed.ok) return listed;
    const { denials } = listed.value;
    if (flags.json) context.out(showAnswer(ADMIN_API.denials.listDenials, listed.value));
    else if (denials.length === 0) context.out('nothing is denied');
    else {
      const lines = denials.flatMap((denial) => [
        `${describeScope(denial)}: ${describeEnd(context, denial)}`,
        `  since       ${showSeconds(context, denial.at)}`,
        `  reason      ${denial.reason === undefined ? 'lost in a restore; see the audit log' : printableJson(denial.reason)}`,
      ]);
      context.out(lines.join('\n'));
    }
    return YES;
  },
});
