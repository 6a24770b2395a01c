import * as v from 'valibot';
import type { AuditRecord, LogOpenedRecord } from '../../../src/audit/index.ts';
import { jsonColumn } from '../platform/json-column.ts';
import type { SealState } from './seal/state.ts';

// The members that every kind has: a release also reads the kinds of the next release.
const members = v.looseObject({
  event: v.string(),
  id: v.string(),
  at: v.number(),
  workflow: v.exactOptional(v.string()),
});
const areRecords = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => v.is(members, one));

/** The highest number of each verifier. */
export const MARKS = jsonColumn<readonly (readonly [verifier: string, n: number])[]>(
  'numbers.marks',
  [v.array(v.strictTuple([v.string(), v.number()]))],
);

/** Records that wait for the archive, exactly as they were appended. */
export const RECORDS = jsonColumn<readonly AuditRecord[]>('pending.records', [
  v.custom<readonly AuditRecord[]>(areRecords, 'not a list of records'),
]);

/** Returns what `RECORDS` writes, for records that were written as JSON one by one. */
export const joinRecords = (records: readonly string[]): string => `[${records.join(',')}]`;

/** Scopes of a watermark, each as `<scope> <value>`. */
export const ALSO = jsonColumn<readonly string[]>('living_root.also', [v.array(v.string())]);

/** What a log knows of its archive. */
export const SEAL_STATE = jsonColumn<SealState>('seal.body', [
  v.looseObject({
    committed: v.number(),
    floor: v.number(),
    months: v.array(v.tuple([v.string(), v.number()])),
    witnesses: v.array(v.looseObject({ name: v.string(), size: v.number() })),
  }),
]);

/** The record with which another log continues this one. */
export const OPENED = jsonColumn<LogOpenedRecord>('continued.record', [
  v.looseObject({
    event: v.literal('log_opened'),
    id: v.string(),
    at: v.number(),
    log: v.string(),
    after: v.looseObject({ log: v.string(), size: v.number(), end: v.string() }),
  }),
]);
