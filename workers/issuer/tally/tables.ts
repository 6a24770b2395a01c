import { integer, json, table, text } from '../platform/table.ts';
import { TALLY } from './columns.ts';

export const tallyTable = table('tally', {
  one: integer('Always 1: there is one row, which each charge reads and writes whole.'),
  history: json(
    TALLY,
    'What the rules over history of the scope remember, by the id of the rule, as JSON: times, sums in millionths, and digests of values. At most 192 KiB.',
  ),
  until: integer('Unix seconds. Nothing counts after that, and an alarm deletes everything.'),
});

export const lastingLabelTable = table('lasting_label', {
  label: text('What was read. One row for each label, up to 32.'),
  at: integer('Unix seconds. The last read that a gateway reported.'),
  workflow: text('Which workflow read it, for the operator of a later one.'),
  tool: text('With which tool.'),
  until: integer(
    'Unix seconds. It holds every workflow that begins by then, and is kept until the longest of them has ended.',
  ),
});
