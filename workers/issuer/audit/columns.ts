import * as v from 'valibot';
import type { AuditRecord, RefusalSample } from '../../../src/audit/index.ts';
import { jsonColumn } from '../platform/column.ts';

// What every record has, whatever its event: a release reads also what a later one has written.
const record = v.looseObject({
  event: v.string(),
  id: v.string(),
  at: v.number(),
  workflow: v.exactOptional(v.string()),
});

/** A record of the log. Its hash is of the record, and not of how it is kept. */
export const BODY = jsonColumn<AuditRecord>('record.body', [record]);

/** A record that a workflow has still to write. */
export const INTENT_RECORD = jsonColumn<AuditRecord>('intent.record', [record]);

/** A record of what took power away, which the log has still to have. */
export const OWED = jsonColumn<AuditRecord>('owed.record', [record]);

/** A refusal that stands for those of its minute. */
export const SAMPLE = jsonColumn<RefusalSample>('refused.sample', [
  v.record(v.string(), v.unknown()),
]);
