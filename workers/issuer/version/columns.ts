import * as v from 'valibot';
import type { VersionRecord } from '../../../src/audit/index.ts';
import type { Version } from '../../../src/version/index.ts';
import { jsonColumn } from '../platform/json-column.ts';

export const POLICY = jsonColumn<Version['policy']>('version.policy', [
  v.record(v.string(), v.string()),
]);

export const ACTIVATION_RECORD = jsonColumn<VersionRecord>('activation.record', [
  v.looseObject({
    event: v.literal('version'),
    id: v.string(),
    at: v.number(),
    change: v.literal('activated'),
    version: v.string(),
    catalogue: v.string(),
    before: v.exactOptional(v.string()),
    by: v.string(),
    actor: v.string(),
    reason: v.string(),
  }),
]);
