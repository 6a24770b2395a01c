import { integer, json, table } from '../platform/table.ts';
import { TALLY } from './columns.ts';

export const tallyTable = table('tally', {
  one: integer('Always 1: there is one row, which each charge reads and writes whole.'),
  history: json(
    TALLY,
    'What the rules over history of the scope remember, by the id of the rule, as JSON: times, sums in millionths, and digests of values. At most 192 KiB.',
  ),
  until: integer('Unix seconds. Nothing counts after that, and an alarm deletes everything.'),
});
