import type { ApprovalAskedRecord } from '../../../src/audit/index.ts';
import { toMilliseconds } from '../../../src/clock.ts';
import type { Notice } from '../../../src/notices/index.ts';

/** Returns the notice of a question. Only the console shows all of it. */
export const askedNotice = ({
  approval,
  agent,
  subject,
  owner,
  task,
  expires,
}: ApprovalAskedRecord): Notice => ({
  type: 'approval.asked',
  data: {
    approval,
    agent: agent ?? '',
    subject: subject ?? '',
    owner: owner ?? '',
    task: task ?? '',
    expires_at: new Date(toMilliseconds(expires)).toISOString(),
  },
});
