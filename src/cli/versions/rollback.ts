import { refuse } from '../../result.ts';
import { defineCommand } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import { ACTIVATION_EXIT_CODES, activate } from './order.ts';
import { short, showStatus } from './stored.ts';

export const versionsRollback = defineCommand({
  name: 'versions rollback',
  summary: 'activate the version that the active one replaced',
  description:
    'Activates the version that was active before the active one. It is an activation like any other: recorded first, and refused if someone activated another version meanwhile. To go further back, use hewn versions history and hewn versions activate.',
  flags: {
    ...REASON_FLAG,
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: ['hewn versions rollback --reason "refuses honest requests"'],
  exitCodes: ACTIVATION_EXIT_CODES,
  run: async ({ flags }, context) => {
    const status = await showStatus(context, flags);
    if (!status.ok) return status;
    const { active } = status.value;
    if (!active) return refuse('no version is active, so there is nothing to roll back');
    const { version: expects, before } = active;
    if (before === null) {
      return refuse(
        `${short(expects)} is the first version that was activated: there is no earlier one`,
      );
    }
    const order = { id: before, expects, reason: flags.reason, json: flags.json };
    return activate(context, flags, order);
  },
});
