import { type AuditRecord, CONTROL_LOG, logOf, type MintRecord } from '../../../src/audit/index.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { transparencyLog } from '../platform/env.ts';
import type { LivingStart, LogAddress } from './binding.ts';

/**
 * Appends records to the logs that they belong to. Resolves once all of them are durable, with an
 * address for each log. Rejects if one log fails or is full: the records of the others may have
 * been written, and to append all of them again writes none twice.
 */
export async function appendRecords(
  env: IssuerEnv,
  records: readonly AuditRecord[],
): Promise<readonly LogAddress[]> {
  const byLog = Map.groupBy(records, logOf);
  return await Promise.all([...byLog].map(([log, own]) => transparencyLog(env, log).append(own)));
}

/** Appends the mint record of a new root and begins it, in one transaction of the control log. */
export const beginRoot = (
  env: IssuerEnv,
  record: MintRecord,
  living: LivingStart,
): Promise<LogAddress> => transparencyLog(env, CONTROL_LOG).begin(record, living);
