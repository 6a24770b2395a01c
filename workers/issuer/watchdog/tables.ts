import { integer, json, nullable, table, text } from '../platform/table.ts';
import type { DrillVerdict } from './binding.ts';
import { NAMES, NOTICE } from './columns.ts';

export const noticeTable = table('notice', {
  seq: integer('The order of arrival.'),
  target: text('Where it is sent, by the name in the configuration.'),
  id: text('The id that repeated deliveries share, so that a receiver recognises them.'),
  at: integer('Unix milliseconds. The row is deleted after a day.'),
  notice: json(NOTICE, 'The notice as JSON. The message is written each time it is sent.'),
  refusals: integer('How often the receiver has rejected it. The fifth time drops it.'),
  due: integer('Unix milliseconds before which it is not sent.'),
});

export const targetTable = table('target', {
  name: text('As in the configuration, which has everything else of it.'),
  dropped: integer('How many notices it has lost.'),
  failures: integer('Failed deliveries in a row, which determine the wait.'),
  fault: nullable(text('The code of the last failure; null if the last delivery succeeded.')),
  due: integer('Unix milliseconds before which nothing is sent.'),
  delivered: nullable(integer('Unix milliseconds of the last delivery; null before the first.')),
});

export const quietTable = table('quiet', {
  key: text('What the notice is recognised by: the same is not sent again for a while.'),
  until: integer('Unix milliseconds. The row is deleted after that.'),
});

export const drillScheduleTable = table('drill_schedule', {
  one: integer('Always 1.'),
  due: integer('Unix milliseconds of the next run.'),
});

export const drillRunTable = table('drill_run', {
  n: integer('The order of the runs. The last day of them is kept.'),
  at: integer('Unix milliseconds.'),
  shard: integer('The shard of the feed that the canary was in.'),
  verdict: text<DrillVerdict>('`in_time`, `late`, `unproven` or `failed`.'),
  epoch: nullable(integer('Of the entry that stopped the canary; null if there is none.')),
  seq: nullable(integer('The same.')),
  in_feed: nullable(integer('Milliseconds until the feed had the stop.')),
  ms: nullable(integer('Milliseconds until the last verifier that confirmed had done so.')),
  confirmed: integer('How many verifiers confirmed.'),
  late: json(NAMES, 'Verifiers that were too late.'),
  silent: json(NAMES, 'Verifiers that have not reported since the stop.'),
});
