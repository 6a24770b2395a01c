import * as v from 'valibot';
import type { AuditRecord, RefusalSample } from '../../../src/audit/index.ts';
import { jsonColumn } from '../platform/json-column.ts';

// The members that every kind has: a release also reads the kinds of the next release.
const members = v.looseObject({
  event: v.string(),
  id: v.string(),
  at: v.number(),
  workflow: v.exactOptional(v.string()),
});
// Reads a record exactly as it was stored. The output of `looseObject` lacks members named
// `__proto__`, `prototype` or `constructor`, so the hash of such a record would no longer match.
const record = v.custom<AuditRecord>((value) => v.is(members, value), 'not a record');

/** A record of the log. The hash covers the record, not its stored text. */
export const BODY = jsonColumn<AuditRecord>('record.body', [record]);

/** A record that a workflow must still write. */
export const INTENT_RECORD = jsonColumn<AuditRecord>('intent.record', [record]);

/** A record of a stop that the log does not have yet. */
export const OWED = jsonColumn<AuditRecord>('owed.record', [record]);

/** A refusal as a sample of those in its minute. */
export const SAMPLE = jsonColumn<RefusalSample>('refused.sample', [
  v.record(v.string(), v.unknown()),
]);
