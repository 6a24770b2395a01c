import { ADMIN_API } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { activationLines } from './render.ts';

export const versionsHistory = defineCommand({
  name: 'versions history',
  summary: 'list which version was activated when, by whom and why',
  description:
    'Lists the activations, the newest first, 50 at a time. The audit log has all of them, and this list the last 1,000.',
  flags: {
    before: {
      kind: 'text',
      value: 'N',
      description: 'continue after the activation with this n, as --json shows it',
    },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: ['hewn versions history'],
  run: async ({ flags }, context) => {
    const { before } = flags;
    if (before !== undefined && !/^\d{1,15}$/.test(before)) {
      return refuse('--before must be the n of an activation');
    }
    const call = before === undefined ? {} : { query: { before } };
    const listed = await callIssuer(context, flags, ADMIN_API.versions.listActivations, call);
    if (!listed.ok) return listed;
    const { activations } = listed.value;
    if (flags.json) context.out(showAnswer(ADMIN_API.versions.listActivations, listed.value));
    else if (activations.length === 0) context.out('no version was ever activated');
    else context.out(activations.flatMap((one) => activationLines(context, one)).join('\n'));
    return YES;
  },
});
