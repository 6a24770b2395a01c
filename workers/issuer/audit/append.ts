import type { AuditRecord, MintRecord } from '../../../src/audit/index.ts';
import { report } from '../../../src/report.ts';
import { appendRecords, beginRoot } from '../log/append.ts';
import type { LivingStart } from '../log/binding.ts';
import type { IssuerEnv } from '../platform/env.ts';

/**
 * Appends a record to the audit log. Returns false if the log fails or is full: whatever the record
 * grants must then not be handed out.
 */
export const appendRecord = (env: IssuerEnv, record: AuditRecord): Promise<boolean> =>
  isWritten(record, () => appendRecords(env, [record]));

/** Appends the record of a new root and begins it. Returns false if neither is done. */
export const appendBegin = (
  env: IssuerEnv,
  record: MintRecord,
  living: LivingStart,
): Promise<boolean> => isWritten(record, () => beginRoot(env, record, living));

async function isWritten(record: AuditRecord, write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : typeof error;
    report('audit.unwritten', { code: record.event, why });
    return false;
  }
}
