import {
  CONTROL_LOG,
  DECISION_LOGS,
  decisionLogOf,
  type LogName,
} from '../../../src/audit/index.ts';

/** Every log that records are appended to, and of the control logs the first one. */
export const OPEN_LOGS: readonly LogName[] = [CONTROL_LOG, ...DECISION_LOGS];

/**
 * Returns the decision log that finds the gaps of a verifier of 0.3.0, which numbers its records
 * over all logs.
 */
export const logOfVerifier = (verifier: string): LogName => decisionLogOf(undefined, verifier);
