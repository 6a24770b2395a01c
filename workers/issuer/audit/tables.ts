import { blob, integer, json, nullable, table, text } from '../platform/table.ts';
import { BODY, OWED, SAMPLE } from './columns.ts';

export const recordTable = table('record', {
  seq: integer(
    'Position, without gaps: a missing number is a missing record. Allocated and committed in one transaction.',
  ),
  id: text(
    'Unique: a batch that is sent twice is written once, and so is a revocation that is finished twice.',
  ),
  workflow: nullable(text('Selects the trail of one workflow, with an index; null if unknown.')),
  body: json(BODY, 'The record as JSON.'),
  previous: text('The hash of the record before, which links the records; 64 zeros in the first.'),
  hash: text(
    'SHA-256 of the bytes of `previous`, followed by the RFC 8785 form of `[seq, record]`. [audit-log.md](audit-log.md) explains how to verify it.',
  ),
});

export const sampledTable = table('sampled', {
  seq: integer(
    'Position of a record with `mode`: `hewn observe` reads these, and not the whole log.',
  ),
});

export const carriedTable = table('carried', {
  one: integer('1: the table has one row, from the closing of this log on.'),
  closed_at: integer('Unix milliseconds. Since then, records go to other logs.'),
  size: integer('How many records it had.'),
  hash: text('The hash of the last: the first record of the control log names it.'),
  sealed: integer('How many of them are in full bundles of the archive.'),
  month: text('The month of the newest full bundle, `yyyy-mm`.'),
  frontier: blob('The right edge of the tree over `sealed`.'),
  is_published: integer('1: the rest and a signed checkpoint are in the archive too.'),
  compared: integer('How many were read back from the archive, and are equal.'),
  compared_path: text('The path of the newest bundle of these.'),
  compared_frontier: blob('The right edge of the tree over `compared`, from the archive alone.'),
  emptied_at: nullable(integer('Unix milliseconds at which `record` was emptied.')),
});

export const numberedTable = table('numbered', {
  verifier: text("The verifier's instance."),
  n: integer(
    'The highest number of its records. A skipped number is a lost record, and the log records the gap.',
  ),
});

export const awaitedTable = table('awaited', {
  verifier: text("The verifier's instance."),
  n: integer(
    'The number that it announced first. Records up to it that have not arrived by `due` are a `gap`.',
  ),
  latest: integer('The highest number that it has announced since; awaited from `due` on.'),
  due: integer('Unix milliseconds; with an index, for the alarm.'),
});

export const refusedTable = table('refused', {
  minute: integer('Minutes since 1970.'),
  agent: text('The refused agent; empty for strangers, who are counted together.'),
  at: text<'token' | 'call'>('`token` at the token endpoint, `call` at a verifier.'),
  code: text('The reason; `other` from the 33rd reason of a caller in a minute on.'),
  n: integer('How many refusals there were.'),
  sample: nullable(
    json(
      SAMPLE,
      'The first refusal as JSON, with the input of the caller as digests; null beyond the fourth reason.',
    ),
  ),
});

export const refuserTable = table('refuser', {
  agent: text('The agent.'),
  hour: integer('Hours since 1970.'),
  n: integer(
    'How many refusals it received. Beyond 60 they are only counted and not recorded individually.',
  ),
});

export const owedTable = table('owed', {
  n: integer('The order in which the records are written.'),
  id: text("The record's id. Unique, so that it is owed once."),
  record: json(OWED, 'The record, as JSON.'),
  tries: integer('How many attempts have failed. Each doubles the wait, up to five minutes.'),
  due: integer('Unix milliseconds before which it is not retried.'),
});
