import type { AuditRecord } from '../audit/index.ts';

/** Whether a record is about a canary of the scheduled drill, which is in no list and no count. */
export const isCanary = (record: AuditRecord): boolean =>
  record.event === 'revocation' && record.canary === true;
