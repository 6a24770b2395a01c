import { describeQuestion, printableJson } from '../../approval/index.ts';
import type { Json } from '../../canonical-json.ts';
import type { UnixSeconds } from '../../clock.ts';
import type { Approval } from './digest.ts';

const rfc3339 = (time: UnixSeconds): string => new Date(time * 1000).toISOString();

/** Renders two lines for a list. */
export const renderApprovalLine = ({ id, deadline, question }: Approval): string => {
  const { agent, subject, task } = question as Readonly<Record<string, Json>>;
  const text = (value: Json | undefined) => printableJson(value ?? null);
  return `${id}  until ${rfc3339(deadline)}\n  ${text(agent)} for ${text(subject)}: ${text(task)}`;
};

/** Renders everything about a request, and the commands that answer it. */
export function renderApproval(approval: Approval, digest: string): string {
  const { id, state, asked, deadline, question, answer } = approval;
  const lines = [
    `${id}  ${state}`,
    ...describeQuestion(question as never).map((line) => `  ${line}`),
    `  asked       ${rfc3339(asked)}`,
    `  until       ${rfc3339(deadline)}`,
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
