import type { WorkflowState } from '../../../src/lifecycle/index.ts';
import { INTENT_RECORD } from '../audit/columns.ts';
import { flag, integer, json, nullable, table, text } from '../platform/table.ts';
import { ADDED, BOUNDS, ENTRY, FINDING, GRANTED, RECEIPT } from './columns.ts';

export const mintTable = table('mint', {
  n: integer('The order of the mints.'),
  workflow: text('The workflow.'),
  block: text('The revocation id of its authority block.'),
  at: integer('Unix seconds of the mint.'),
  expires: integer('Unix seconds of its end. The latest one bounds how long a feed entry is kept.'),
  added: json(
    ADDED,
    'The grants that the workflow gained with it by stepping up, as JSON; usually an empty list.',
  ),
  grants: nullable(
    json(
      GRANTED,
      'All its grants with their constraints, as JSON; null if they are those that the workflow began with. Introspection needs them: the token contains them only as checks.',
    ),
  ),
  bounds: json(
    BOUNDS,
    'Tier and budgets of that mint, as JSON. The highest tier and the smallest budgets of all mints count.',
  ),
});

export const intentTable = table('intent', {
  n: integer('The order of the decisions.'),
  id: text('The id of the audit record. Unique: a repeated decision is stored once.'),
  target: text("The workflow, or the block's revocation id."),
  record: json(INTENT_RECORD, 'The audit record as it will be, or was, written.'),
  word: nullable(json(ENTRY, 'The feed entry to append, as JSON; null if none is needed.')),
  workflow: nullable(text('The workflow whose state follows; null if no state follows.')),
  becomes: nullable(text<WorkflowState>('The state that it then has.')),
  epoch: nullable(integer('The epoch of the feed entry.')),
  seq: nullable(integer('The position of the feed entry.')),
  archived: nullable(
    flag("1 if the feed's archive had the entry when it was appended, which the answer reports."),
  ),
  done: flag(
    '1 once the feed and the state have it; a trigger refuses to clear it. A resumption is recorded before that. Every other record is in `owed` from then on, until the audit log has it. A resumption that is done without a `seq` was stopped again before it took effect.',
  ),
});

export const findingTable = table('finding', {
  n: integer('The order of the findings.'),
  id: text('The id of the audit record. Unique: the same evidence is found once.'),
  workflow: text('The workflow.'),
  rule: text("The rule's id."),
  upto: integer('The newest record that the rule had read. Older records are no evidence again.'),
  overruns: integer('How often a budget had been exceeded by then.'),
  finding: json(FINDING, 'Rule, version, action, whether it is in shadow, and evidence, as JSON.'),
  done: flag('1 once it was acted upon.'),
});

export const receiptTable = table('receipt', {
  n: integer('The order of the receipts.'),
  workflow: text('The workflow that read.'),
  kept: json(
    RECEIPT,
    'The receipt, the seed of its salts, and pointer and value of each leaf, as JSON. At most 256 leaves and 64 KiB for a workflow, the newest.',
  ),
});

export const livingTable = table('living', {
  workflow: text('The workflow.'),
  ends: integer('Unix seconds of its latest end. An alarm then deletes the row.'),
});

export const stopTable = table('stop', {
  rule: text("The rule's id and version."),
  workflow: text('The workflow that it stopped; counted once, however often the rule asks.'),
  at: integer('Unix milliseconds.'),
});

export const trippedTable = table('tripped', {
  rule: text("The rule's id and version: a new version is not tripped."),
  at: integer('Unix milliseconds.'),
});

export const livingScopeTable = table('living_scope', {
  scope: text('As in a watermark.'),
  value: text('The value as tokens contain it.'),
  workflow: text('The workflow; with an index, because its rows are deleted with it.'),
});
