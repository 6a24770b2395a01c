import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { renderTable, showSeconds } from '../terminal/index.ts';

const { listCapabilities } = ADMIN_API.capabilities;
type Listed = RouteAnswer<typeof listCapabilities>['capabilities'][number];

export const operatorsList = defineCommand({
  name: 'operators list',
  summary: 'list the operator capabilities that have not ended',
  description:
    'Lists the operator capabilities that have not ended: who made each, for what, until when and why, and whether it is stopped. What its holders narrowed it to is in the records of their orders: narrowing works offline.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn operators list', "hewn operators list --json | jq '.capabilities[].id'"],
  run: async ({ flags }, context) => {
    const listed = await callIssuer(context, flags, listCapabilities, {});
    if (!listed.ok) return listed;
    const { capabilities } = listed.value;
    const table = renderTable(
      context,
      [
        { head: 'ID', cell: ({ id }) => id },
        { head: 'MADE BY', cell: ({ by }) => by },
        { head: 'ALLOWS', cell: grantsText, cut: 'end' },
        { head: 'UNTIL', cell: ({ ends_at: ends }) => showSeconds(context, ends) },
        { head: 'STATE', cell: stateOf },
        { head: 'REASON', cell: ({ reason }) => reason, cut: 'end' },
      ],
      capabilities,
    );
    if (flags.json) context.out(showAnswer(listCapabilities, listed.value));
    else context.out(capabilities.length > 0 ? table : 'no operator capability is alive');
    return YES;
  },
});

const grantsText = ({ grants }: Listed): string =>
  grants
    .map(({ permission, owners, tools }) =>
      [
        permission,
        ...(owners ? [`for ${owners.join(', ')}`] : []),
        ...(tools ? [`with ${tools.join(', ')}`] : []),
      ].join(' '),
    )
    .join('; ');

const stateOf = ({ stopped, stopped_blocks: blocks }: Listed): string => {
  if (stopped) return 'stopped';
  return blocks.length === 0 ? 'alive' : `alive, ${blocks.length} of its parts stopped`;
};
