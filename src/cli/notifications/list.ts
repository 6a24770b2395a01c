import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { DELIVERY_COLUMNS } from '../delivery-columns.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { renderTable, showAge, showTimestamp } from '../terminal/index.ts';

const { listTargets } = ADMIN_API.notifications;

export const notificationsList = defineCommand({
  name: 'notifications list',
  summary: 'list the targets of notifications, and how their deliveries go',
  description:
    'Lists the targets of [notify] in hewn.toml: their events, what waits, what was lost, and the code of the last failure. A message is lost if 200 newer ones waited, if it waited for a day, or if the receiver refused it five times.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: [
    'hewn notifications list',
    "hewn notifications list --json | jq '.targets[] | select(.failures > 0) | .name'",
  ],
  run: async ({ flags }, context) => {
    const listed = await callIssuer(context, flags, listTargets, {});
    if (!listed.ok) return listed;
    const { targets } = listed.value;
    const table = renderTable(
      context,
      [
        { head: 'NAME', cell: ({ name }) => name },
        { head: 'KIND', cell: ({ kind }) => kind },
        ...DELIVERY_COLUMNS,
        {
          head: 'DELIVERED',
          cell: ({ delivered_at: at }) => (at === undefined ? 'never' : showTimestamp(context, at)),
          short: ({ delivered_at: at }) =>
            at === undefined ? 'never' : showAge(context.now().getTime(), Date.parse(at)),
        },
        { head: 'EVENTS', cell: ({ events }) => events.join(', '), cut: 'end' },
      ],
      targets,
    );
    if (flags.json) context.out(showAnswer(listTargets, listed.value));
    else
      context.out(targets.length > 0 ? table : 'no target is set: add [notify.NAME] to hewn.toml');
    return YES;
  },
});
