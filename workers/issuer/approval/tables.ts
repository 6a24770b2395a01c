import { integer, json, nullable, table, text } from '../platform/table.ts';
import { DECISION, QUESTION } from './columns.ts';

type ApprovalState = 'pending' | 'approved' | 'refused' | 'expired' | 'used';

export const approvalTable = table('approval', {
  seq: integer('The order of the questions, and the position in the list.'),
  id: text('256 random bits, with which the agent polls.'),
  agent: text(
    'The agent that asked. No other agent can poll the question. Together with `digest`, it keeps the same question from being asked twice.',
  ),
  digest: text(
    'SHA-256 of the question. The approving person repeats it, and each poll computes it again.',
  ),
  question: json(QUESTION, 'Everything that is asked, as canonical JSON.'),
  state: text<ApprovalState>('`pending`, `approved`, `refused`, `expired` or `used`.'),
  asked: integer('Unix seconds.'),
  deadline: integer(
    'Unix seconds: the end of the question, then of the approval, then of the row. The alarm is set to the next one.',
  ),
  interval: integer('Seconds between two polls. Each poll that comes too early raises it.'),
  polled: integer('Unix milliseconds of the last poll.'),
  decision: nullable(
    json(
      DECISION,
      'The audit record of the answer, from the decision on: an alarm finishes from it after a crash. Null before.',
    ),
  ),
});
