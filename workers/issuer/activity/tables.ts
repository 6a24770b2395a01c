import type { UseKind } from '../../../src/activity/index.ts';
import type { LogName } from '../../../src/audit/index.ts';
import type { WorkflowState } from '../../../src/lifecycle/index.ts';
import { integer, json, nullable, table, text } from '../platform/table.ts';
import { COUNTS, RECENT } from './columns.ts';

export const activityTable = table('activity', {
  root: text('The id of a root workflow. Its row covers everything below it.'),
  changed: integer('The `seq` of the change that wrote the row.'),
  state: text<WorkflowState>('As the control log has it.'),
  state_at: integer(
    'Unix milliseconds of the record of the state: an earlier one changes nothing.',
  ),
  actor: nullable(text('Who caused the state; null for a workflow that was never moved.')),
  agent: nullable(text('As its first mint record has it.')),
  subject: nullable(text('As `agent`; null once the person is erased.')),
  owner: nullable(text('As `agent`.')),
  task: nullable(text('As `agent`; null once the person is erased.')),
  tier: nullable(integer('The highest tier that was minted for it.')),
  began: integer('Unix seconds. Lists are in this order.'),
  ends: integer('Unix seconds: the end of the last capability that is known.'),
  ended: nullable(integer('Unix seconds. Null while it lives.')),
  last_call: nullable(integer('Unix seconds of the newest decision.')),
  mints: integer('Mint records of it and of those below it; renewals are counted at its end.'),
  calls: integer('Decision records, those of denied calls included.'),
  denials: integer('Decision records of denied calls.'),
  waiting: integer('Its questions that wait for a person.'),
  recent: nullable(json(RECENT, 'Calls and denied calls of the last hour, by five minutes.')),
});

export const foundByTable = table('found_by', {
  root: text('The root workflow.'),
  kind: text<UseKind>(
    '`tool`, `dataset`, `code`, `agent` or `child`: what a workflow is found by beside its own members.',
  ),
  value: text('A name, a code or the id of a workflow below.'),
});

export const minuteTable = table('minute', {
  at: integer('Unix seconds of its begin. Rows are kept for 48 hours.'),
  calls: integer('Decision records, those of denied calls included.'),
  denials: integer('Decision records of denied calls.'),
  mints: integer('Mint records.'),
});

export const lastUseTable = table('last_use', {
  agent: text('As decision records have it.'),
  tool: text('A tool that the agent called.'),
  dataset: text('A dataset of an allowed call; empty for a call without one.'),
  at: integer('Unix milliseconds of the newest allowed call.'),
  calls: integer('Allowed calls since the row exists.'),
  root: text('The workflow of the newest one.'),
});

export const questionTable = table('question', {
  approval: text('The id of an approval request that waits for a person.'),
  root: nullable(text('The workflow that it is about; null if it would begin one.')),
  expires: integer('Unix seconds. The row is deleted then, or with the answer.'),
});

export const logPositionTable = table('log_position', {
  log: text<LogName>('The name of a log.'),
  next: integer('The first record that is not applied yet.'),
});

export const topicTable = table('topic', {
  name: text('A part of the product, such as `approvals` or `policy`.'),
  changed: integer('The `seq` of the last change with a record about it.'),
});

export const indexStateTable = table('index_state', {
  one: integer('Always 1: there is one row.'),
  epoch: integer('Rises when the index is built again.'),
  seq: integer('Rises with every change.'),
  read_to: integer('Unix milliseconds: every older record of the logs is applied.'),
  counts: json(COUNTS, 'How many workflows there are of each kind that lists show.'),
});
