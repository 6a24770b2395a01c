import type { AuditRecord } from '../../../src/audit/index.ts';
import { report } from '../../../src/report.ts';
import { auditLog, type IssuerEnv } from '../platform/config.ts';

/** False where the log fails or is too full: who asked for something does not get it. */
export async function isWritten(env: IssuerEnv, record: AuditRecord): Promise<boolean> {
  try {
    await auditLog(env).append([record]);
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : typeof error;
    report('audit.unwritten', { code: record.event, why });
    return false;
  }
}
