import { describeQuestion, printableJson } from '../../approval/index.ts';
import type { Json } from '../../canonical-json.ts';
import { type Screen, showSeconds } from '../terminal/index.ts';
import type { Approval } from './digest.ts';

/** Renders two lines for a list. */
export const renderApprovalLine = (
  screen: Screen,
  { id, deadline, question }: Approval,
): string => {
  const { agent, subject, task } = question as Readonly<Record<string, Json>>;
  const text = (value: Json | undefined) => printableJson(value ?? null);
  return `${id}  until ${showSeconds(screen, deadline)}\n  ${text(agent)} for ${text(subject)}: ${text(task)}`;
};

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
