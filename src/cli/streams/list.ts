import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { PUSH } from '../../signals/index.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { DELIVERY_COLUMNS } from '../delivery-columns.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { renderTable } from '../terminal/index.ts';
import { callStreams } from './call.ts';

const { listStreams } = ADMIN_API.streams;
type Stream = RouteAnswer<typeof listStreams>['streams'][number];

export const streamsList = defineCommand({
  name: 'streams list',
  summary: 'list the streams of security events, and how their deliveries go',
  description:
    'Lists the streams of security events (CAEP session-revoked, Shared Signals Framework): the receiver, how it gets its events, the status, what waits, what was lost and the code of the last failed push. An event is lost if 1,000 newer ones waited, if it waited for a day, or if the receiver refused it five times.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: [
    'hewn streams list',
    "hewn streams list --json | jq '.streams[] | select(.dropped > 0) | .aud'",
  ],
  run: async ({ flags }, context) => {
    const listed = await callStreams(context, flags, listStreams, {});
    if (!listed.ok) return listed;
    const { streams } = listed.value;
    const table = renderTable(
      context,
      [
        { head: 'ID', cell: ({ stream_id: id }) => id },
        { head: 'RECEIVER', cell: ({ aud }) => aud, cut: 'middle' },
        { head: 'DELIVERY', cell: describeDelivery, cut: 'middle' },
        {
          head: 'STATUS',
          cell: ({ status }) => status,
          tone: ({ status }) => (status === 'enabled' ? undefined : 'waits'),
        },
        ...DELIVERY_COLUMNS,
        { head: 'REASON', cell: ({ reason = '' }) => reason, cut: 'end', isOptional: true },
      ],
      streams,
    );
    if (flags.json) context.out(showAnswer(listStreams, listed.value));
    else
      context.out(streams.length > 0 ? table : 'there is no stream: hewn streams create adds one');
    return YES;
  },
});

/** The endpoint of a polled stream follows from its id. */
const describeDelivery = ({ delivery }: Stream): string =>
  delivery.method === PUSH ? `push to ${delivery.endpoint_url}` : 'poll';
