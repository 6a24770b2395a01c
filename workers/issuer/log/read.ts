import type { LogName } from '../../../src/audit/index.ts';
import { type IssuerEnv, transparencyLog } from '../platform/env.ts';
import type { LoggedRecord } from './binding.ts';

/**
 * Returns up to `limit` records of a log from index `from` on, in order. Reads the archive here, so
 * that no reader loads the object with more than its newest records.
 */
export async function readRecords(
  env: IssuerEnv,
  log: LogName,
  from: number,
  limit: number,
): Promise<readonly LoggedRecord[]> {
  return (await transparencyLog(env, log).pending(from, limit)) as readonly LoggedRecord[];
}
