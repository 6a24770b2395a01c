import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { partyColumn, renderTable, showAge, showTimestamp } from '../terminal/index.ts';

const { listAnswers } = ADMIN_API.approvals;
type Given = RouteAnswer<typeof listAnswers>['answers'][number];

export const approvalsAnswers = defineCommand({
  name: 'approvals answers',
  summary: 'list what people answered within the last day',
  description:
    'Lists what people approved and refused within the last day, the newest first and at most 100: who decided, why, and for which agent. It is drawn from the audit logs. For an older answer, use hewn audit search --event approval_decided.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: [
    'hewn approvals answers',
    `hewn approvals answers --json | jq '.answers[] | select(.decision == "approve") | .by'`,
  ],
  run: async ({ flags }, context) => {
    const listed = await callIssuer(context, flags, listAnswers, {});
    if (!listed.ok) return listed;
    const { answers, complete } = listed.value;
    const table = renderTable(
      context,
      [
        {
          head: 'AT',
          cell: ({ at }) => showTimestamp(context, at),
          short: ({ at }) => showAge(context.now().getTime(), Date.parse(at)),
        },
        {
          head: 'DECISION',
          cell: ({ decision }) => decision,
          tone: ({ decision }) => (decision === 'refuse' ? 'bad' : 'good'),
        },
        { head: 'BY', cell: ({ by }) => by ?? 'erased', cut: 'middle' },
        partyColumn<Given>('AGENT', ({ agent }) => agent),
        { head: 'TASK', cell: ({ task = '' }) => task, cut: 'end' },
        { head: 'REASON', cell: ({ reason = '' }) => reason, cut: 'end' },
        { head: 'ID', cell: ({ approval }) => approval, cut: 'end', isOptional: true },
      ],
      answers,
    );
    if (flags.json) context.out(showAnswer(listAnswers, listed.value));
    else context.out(answers.length > 0 ? table : 'no one answered within the last day');
    if (!flags.json && !complete) context.err('there were more answers within the day');
    return YES;
  },
});
