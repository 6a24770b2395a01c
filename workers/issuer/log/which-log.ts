import {
  type AuditRecord,
  CONTROL_LOG,
  DECISION_LOGS,
  decisionLogOf,
  type LogName,
  RECORD_KINDS,
} from '../../../src/audit/index.ts';

/** Every log that records are appended to now. */
export const OPEN_LOGS: readonly LogName[] = [CONTROL_LOG, ...DECISION_LOGS];

/**
 * Returns the log of a record. What verifiers send goes to a decision log, and everything else to
 * the control log.
 */
export function logOf(record: AuditRecord): LogName {
  const kind = Object.hasOwn(RECORD_KINDS, record.event) ? RECORD_KINDS[record.event] : undefined;
  if (kind === undefined || kind.from === 'issuer') return CONTROL_LOG;
  return logOfVerifier('verifier' in record ? String(record.verifier) : '');
}

/** Returns the decision log that has all records of a verifier, and so can find gaps in them. */
export const logOfVerifier = (verifier: string): LogName => decisionLogOf(undefined, verifier);
