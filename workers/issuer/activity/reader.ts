import { DECISION_LOGS, type LogName } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { LoggedRecord } from '../log/binding.ts';
import { controlLogs } from '../log/control-logs.ts';
import { readRecords, readState } from '../log/read.ts';
import type { IssuerEnv } from '../platform/env.ts';

/** What one request reads of a log: as many bundles as an answer of an object has room for. */
const RECORDS_PER_READ_MAX = 512;

/** The logs that the index is derived from. */
export const followedLogs = async (env: IssuerEnv): Promise<readonly LogName[]> => [
  ...(await controlLogs(env)),
  ...DECISION_LOGS,
];

/** Records of one log from a position on. */
export interface LogPart {
  readonly log: LogName;
  readonly from: number;
  readonly records: readonly LoggedRecord[];
  /** Where the next part begins. */
  readonly next: number;
  readonly isEnd: boolean;
}

/**
 * Reads the next records of a log. Returns undefined if the log has fewer records than were read
 * before: it was restored to an earlier state.
 */
export async function readPart(
  env: IssuerEnv,
  log: LogName,
  from: number,
): Promise<LogPart | undefined> {
  const { size } = await readState(env, log);
  if (size < from) return undefined;
  const end = Math.min(size, from + RECORDS_PER_READ_MAX);
  if (end === from) return { log, from, records: [], next: from, isEnd: true };
  const records = await readRecords(env, log, from, end - from);
  // Retention may have deleted some, which does not keep the others from being read.
  return { log, from, records, next: end, isEnd: end === size };
}

/** Returns the first record of a log that is not older than a time, or one shortly before it. */
export async function firstSince(
  env: IssuerEnv,
  log: LogName,
  since: UnixMilliseconds,
): Promise<number> {
  const { size } = await readState(env, log);
  let [low, high] = [0, size];
  while (high - low > RECORDS_PER_READ_MAX) {
    const middle = Math.floor((low + high) / 2);
    const [found] = await readRecords(env, log, middle, 1);
    // Retention deletes the oldest ones first.
    if (!found || found.record.at < since) low = middle + 1;
    else high = middle;
  }
  return low;
}
