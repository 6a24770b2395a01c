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

export const signedBlockTable = table('signed_block', {
  approval: text('The id of the question for single calls that was approved and collected.'),
  workflow: text('The workflow of the token that the block fits.'),
  signature: text('The signature of the approver in hex: what the feed lists after a withdrawal.'),
  until: integer('Unix seconds: the end of the block. The row is deleted after it.'),
});

export const approvedValueTable = table('approved_value', {
  value: text(
    'HMAC-SHA-256 of agent, tool, place and value, under the key of `value_key`: the value itself is not stored.',
  ),
  by: text('The person who approved.'),
  agent: text('The agent that asked.'),
  tool: text('The tool of the call.'),
  pointer: text('The argument, with `*` for an element of a list.'),
  count: integer('How many approvals of this person had the value.'),
  last: integer('Unix seconds of the last one. A row is deleted 30 days later.'),
});

export const valueKeyTable = table('value_key', {
  id: integer('Always 1.'),
  key: text('32 random bytes in hex, made with the first value. No one else has it.'),
});
