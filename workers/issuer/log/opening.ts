import {
  CONTROL_LOG,
  type LogName,
  type LogOpenedRecord,
  OLD_LOG,
} from '../../../src/audit/index.ts';
import { readClock } from '../../../src/clock.ts';
import { auditLog, type IssuerEnv } from '../platform/env.ts';

/**
 * Closes the log of releases before 0.4.0 and returns the first record of the control log, which
 * names its end. Undefined for other logs, and for a deployment that has no such log. Call it
 * while the log is empty. Rejects if the former log does not answer.
 */
export async function closeFormer(
  env: IssuerEnv,
  log: LogName,
): Promise<LogOpenedRecord | undefined> {
  if (log !== CONTROL_LOG) return undefined;
  const { size, hash } = await auditLog(env).close();
  if (size === 0) return undefined;
  return {
    event: 'log_opened',
    id: `opened.${log}`,
    at: readClock(),
    log,
    after: { log: OLD_LOG, size, end: hash },
  };
}
