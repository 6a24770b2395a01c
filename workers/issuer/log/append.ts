import type { AuditRecord, LogName, MintRecord } from '../../../src/audit/index.ts';
import { logOf } from '../../../src/audit/index.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { transparencyLog } from '../platform/env.ts';
import type { Appended, ArrivedNumbers, LivingStart, LogAddress } from './binding.ts';
import { inNewest, isOfControl, noteDrained, olderLogs } from './control-logs.ts';

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
  return await Promise.all([...byLog].map(([log, own]) => appendTo(env, log, own)));
}

/** Appends records to one log, or to the log that continues it. */
export async function appendTo(
  env: IssuerEnv,
  log: LogName,
  records: readonly AuditRecord[],
  arrived?: readonly ArrivedNumbers[],
): Promise<Appended> {
  if (!isOfControl(log)) {
    return (await transparencyLog(env, log).append(records, arrived)) as Appended;
  }
  const { log: taker, answer } = await inNewest(env, (one) => one.append(records, arrived));
  await tellOlder(env, taker, records);
  return answer;
}

/** A workflow lives in the log in which it began, until it ends. */
async function tellOlder(
  env: IssuerEnv,
  log: LogName,
  records: readonly AuditRecord[],
): Promise<void> {
  const told = records.filter(({ workflow }) => workflow !== undefined);
  if (told.length === 0) return;
  await Promise.all(
    olderLogs(env, log).map(async (older) => {
      const isDrained = !(await transparencyLog(env, older).noteLiving(told));
      if (isDrained) noteDrained(env, older);
    }),
  );
}

/** Appends the mint record of a new root and begins it, in one transaction of the control log. */
export const beginRoot = async (
  env: IssuerEnv,
  record: MintRecord,
  living: LivingStart,
): Promise<LogAddress> => (await inNewest(env, (log) => log.begin(record, living))).answer;
