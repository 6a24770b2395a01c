import type { WorkflowState } from '../../../src/lifecycle/index.ts';
import { blob, flag, integer, json, nullable, table, text } from '../platform/table.ts';
import { START } from '../workflow/columns.ts';
import { ALSO, MARKS, OPENED, RECORDS, SEAL_STATE } from './columns.ts';

const batch = {
  first: integer('The index of the first record in the log.'),
  n: integer('How many records the row has.'),
  at: integer('Unix milliseconds at which they were appended.'),
  records: json(
    RECORDS,
    'The records as JSON, with all members in the clear: for five minutes at most, until they are entries in the archive.',
  ),
};

/** Two tables in turn: one takes new records while those of the other go to the archive. */
export const evenTable = table('pending_even', batch);
export const oddTable = table('pending_odd', batch);

export const indexedTable = table('indexed', {
  bundle: integer('The number of a bundle of 256 entries, which may not be full yet.'),
  block: blob('What the records of the bundle are found by, as keyed tags.'),
});

export const recentTable = table('recent', {
  first: integer('The index of the first of these records.'),
  ids: text(
    'The ids of records that are no rows any more, in order, a line each. The newest only.',
  ),
});

export const numbersTable = table('numbers', {
  id: integer('Always 0: there is one row.'),
  marks: json(
    MARKS,
    'The highest number of each verifier, as JSON. A skipped number is a lost record, and the log records the gap. Those of pending records are in their rows.',
  ),
});

export const livingRootTable = table('living_root', {
  root: text('The id of the root workflow.'),
  ends: integer(
    'Unix seconds of its end. Until an object has it, the end of an hour without a call if that is earlier.',
  ),
  adopted: flag('Whether an object of its own has it, which closes it.'),
  state: text<WorkflowState>('The state that the records of the control log led to.'),
  issuer_key: text('The root key that signed its first capability: its public half in hex.'),
  also: nullable(
    json(
      ALSO,
      'Agents and tools of workflows below it and of step-ups, so that their scopes find it.',
    ),
  ),
  start: json(START, 'What it began with, for its own object to store.'),
});

export const sealTable = table('seal', {
  one: integer('Always 1.'),
  body: json(
    SEAL_STATE,
    'As JSON: how many records are entries of the archive, their root, how many of them are in full bundles, the months of the bundles, the newest checkpoint, and what each witness has cosigned.',
  ),
});

export const continuedTable = table('continued', {
  one: integer('Always 1.'),
  record: json(
    OPENED,
    'The last record of a control log that was closed, which is the first of the log that continues it. Empty while this log takes records.',
  ),
});
