import { integer, json, table, text } from '../platform/table.ts';
import { RECORDS } from './columns.ts';

const batch = {
  first: integer('The index of the first record in the log.'),
  n: integer('How many records the row has.'),
  at: integer('Unix milliseconds at which they were appended.'),
  records: json(
    RECORDS,
    'The records as JSON, with all members in the clear: for a minute at most, until they are entries in the archive.',
  ),
};

/** Two tables in turn: one takes new records while those of the other go to the archive. */
export const evenTable = table('pending_even', batch);
export const oddTable = table('pending_odd', batch);

export const recentTable = table('recent', {
  first: integer('The index of the first of these records.'),
  ids: text(
    'The ids of records that are no rows any more, in order, a line each. The newest only.',
  ),
});
