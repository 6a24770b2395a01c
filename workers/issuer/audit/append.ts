import type { AuditRecord } from '../../../src/audit/index.ts';
import { report } from '../../../src/report.ts';
import { appendRecords } from '../log/append.ts';
import type { IssuerEnv } from '../platform/env.ts';

/**
 * Appends a record to the audit log. Returns false if the log fails or is full: whatever the record
 * grants must then not be handed out.
 */
export async function appendRecord(env: IssuerEnv, record: AuditRecord): Promise<boolean> {
  try {
    await appendRecords(env, [record]);
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : typeof error;
    report('audit.unwritten', { code: record.event, why });
    return false;
  }
}
