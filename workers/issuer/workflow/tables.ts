import type { ActorKind, Lease, WorkflowState } from '../../../src/lifecycle/index.ts';
import { INTENT_RECORD } from '../audit/columns.ts';
import { flag, integer, json, nullable, table, text } from '../platform/table.ts';
import { ADDED, ANSWER, BOUNDS, ENTRY, FINDING, GRANTED, OBSERVED, START } from './columns.ts';

export const workflowTable = table('workflow', {
  id: text('The workflow.'),
  parent: nullable(text('The workflow above it; null for the root.')),
  start: json(
    START,
    'The facts it began with, as JSON: identity, grants, start, end, and the expiry and revocation id of its first capability. They never change.',
  ),
  state: text<WorkflowState>('The state that the audit log and the feed have.'),
  ordered: text<WorkflowState>('The decided state. The issuer enforces it at once.'),
  gen: integer(
    'The generation, which each of its tokens contains. A resumption raises it, and a trigger refuses to lower it.',
  ),
  depth: integer('How many levels of workflows may be below it.'),
  ends: integer('Unix seconds beyond which it has no capability.'),
  idle: integer('Seconds without a mint or a call after which it expires.'),
  active_at: integer('Unix seconds of its last mint, call or resumption.'),
  suspended_by: nullable(
    text<ActorKind>(
      'Who suspended it, while it is suspended: a parent resumes only what it suspended itself.',
    ),
  ),
  grace_ends: nullable(
    integer('Unix seconds until which calls in flight may end, while it is completing.'),
  ),
  ended_at: nullable(
    integer('Unix milliseconds of the decision that ended it. A later call is a deviation.'),
  ),
});

export const mintTable = table('mint', {
  block: text('The revocation id of its authority block.'),
  workflow: text('The workflow.'),
  at: integer('Unix seconds of the mint.'),
  expires: integer('Unix seconds of its end. The latest one bounds how long a feed entry is kept.'),
  added: json(
    ADDED,
    'The grants that the workflow gained with it by stepping up, as JSON; usually an empty list.',
  ),
});

export const grantedTable = table('granted', {
  block: text('The revocation id of its authority block.'),
  grants: json(
    GRANTED,
    'All its grants with their constraints, as JSON. Introspection needs them: the token contains them only as checks.',
  ),
  bounds: json(
    BOUNDS,
    'Tier and budgets of that mint, as JSON. The highest tier and the smallest budgets of all rows count.',
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

export const meterTable = table('meter', {
  workflow: text('The workflow.'),
  key: text(
    'What is counted: `calls`, `denials`, the calls of a tool, or the sum of one of its arguments.',
  ),
  budget: integer('The limit, in calls or millionths.'),
  share: integer(
    "The part of it that was carved out of the parent's meter and goes back at the end.",
  ),
  used: integer('How much was spent.'),
  carved: integer('How much is reserved for children.'),
  leased: integer('How much is reserved for verifiers.'),
});

export const leaseTable = table('lease', {
  id: text("The verifier's random name for it: a repeated request takes one lease."),
  workflow: text('The workflow whose calls they are.'),
  tool: text('The tool whose calls they are.'),
  calls: integer('How many.'),
  expires: integer('Unix seconds after which no call of it may be spent.'),
  state: text<Lease['state']>(
    '`open`, `lapsed` (the verifier never reported, so all of it counts as spent) or `settled`.',
  ),
});

export const chargeTable = table('charge', {
  nonce: text("The verifier's random name for the call: a retry is charged once."),
  answer: json(ANSWER, 'The answer, so that a retry gets the same one.'),
  at: integer('Unix seconds.'),
});

export const verifierTable = table('verifier', {
  id: text('The verifier.'),
  n: integer('Its records up to this number were counted: a repeated batch is counted once.'),
});

export const observedTable = table('observed', {
  n: integer('The order of arrival.'),
  workflow: text('The workflow.'),
  at: integer('Unix milliseconds of the decision.'),
  record: json(OBSERVED, 'Id, time, verdict, code, tool, datasets and tier, as JSON.'),
});

export const overrunTable = table('overrun', {
  workflow: text('The workflow whose budget was exceeded.'),
  gen: integer(
    'The generation. Calls that continue until its suspension has reached every verifier are not held against it again.',
  ),
  record: text('The id of the record that shows it.'),
});

export const findingTable = table('finding', {
  id: text('The id of the audit record. Unique: the same evidence is found once.'),
  workflow: text('The workflow.'),
  rule: text("The rule's id."),
  upto: integer('The newest record that the rule had read. Older records are no evidence again.'),
  overruns: integer('How often a budget had been exceeded by then.'),
  finding: json(FINDING, 'Rule, version, action, whether it is in shadow, and evidence, as JSON.'),
  done: flag('1 once it was acted upon.'),
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
