import { describeQuestion, printableJson } from '../../approval/index.ts';
import type { Json } from '../../canonical-json.ts';
import { toMilliseconds } from '../../clock.ts';
import type { CommandContext } from '../command.ts';
import { partyColumn, renderTable, type Screen, showAge, showSeconds } from '../terminal/index.ts';
import type { Approval } from './digest.ts';

/** Renders approval requests as a table. */
export function approvalTable(
  context: Pick<CommandContext, 'now'> & Screen,
  approvals: readonly Approval[],
): string {
  const textOf = ({ question }: Approval, name: string): string => {
    const value = (question as Readonly<Record<string, Json>>)[name];
    return typeof value === 'string' ? value : '';
  };
  return renderTable(
    context,
    [
      { head: 'ID', cell: ({ id }) => id },
      {
        head: 'UNTIL',
        cell: ({ deadline }) => showSeconds(context, deadline),
        short: ({ deadline }) => showAge(context.now().getTime(), toMilliseconds(deadline)),
      },
      partyColumn<Approval>('AGENT', (approval) => textOf(approval, 'agent')),
      {
        ...partyColumn<Approval>('FOR', (approval) => textOf(approval, 'subject')),
        isOptional: true,
      },
      {
        head: 'TASK',
        cell: (approval) => JSON.stringify(textOf(approval, 'task')),
        cut: 'end',
        isOptional: true,
      },
    ],
    approvals,
  );
}

/** Renders everything about a request, and the commands that answer it. */
export function renderApproval(screen: Screen, approval: Approval, digest: string): string {
  const { id, state, asked, deadline, question, answer } = approval;
  const lines = [
    `${id}  ${state}`,
    ...describeQuestion(question as never).map((line) => `  ${line}`),
    `  asked       ${showSeconds(screen, asked)}`,
    `  until       ${showSeconds(screen, deadline)}`,
    `  digest      ${digest}`,
  ];
  if (answer !== undefined) lines.push(`  answered    ${printableJson(answer as Json)}`);
  if (state === 'pending') {
    lines.push(
      'To approve exactly this, or to refuse it:',
      `  hewn approvals approve ${id} \\`,
      `    --digest ${digest} --for 10m --by YOU --reason WHY`,
      `  hewn approvals refuse ${id} --by YOU --reason WHY`,
    );
  }
  return lines.join('\n');
}
