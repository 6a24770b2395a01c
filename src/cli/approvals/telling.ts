import { describeQuestion, printableJson } from '../../approval/index.ts';
import { refuse } from '../../result.ts';
import type { ShownApproval } from './shown.ts';

const moment = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Two lines, for a list. */
export const approvalLine = ({ id, deadline, question }: ShownApproval): string => {
  const { agent, subject, task } = question;
  const asks = `${printableJson(agent)} for ${printableJson(subject)}: ${printableJson(task)}`;
  return `${id}  until ${moment(deadline)}\n  ${asks}`;
};

/** All of it, and what to type. */
export function approvalText(approval: ShownApproval, digest: string): string {
  const { id, state, asked, deadline, question, answer } = approval;
  const lines = [
    `${id}  ${state}`,
    ...describeQuestion(question).map((line) => `  ${line}`),
    `  asked       ${moment(asked)}`,
    `  until       ${moment(deadline)}`,
    `  digest      ${digest}`,
  ];
  if (answer !== undefined) {
    lines.push(`  answered    ${printableJson(answer)}`);
  }
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

/** An id as the issuer gives it out; whatever else would be a path of its own. */
export function readApprovalId(positionals: readonly string[]) {
  const [id, ...more] = positionals;
  return id !== undefined && more.length === 0 && /^apr_[\w-]{43}$/.test(id)
    ? ({ ok: true, value: id } as const)
    : refuse('name one approval by its ID: see hewn approvals list');
}
