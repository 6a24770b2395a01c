import type { Cursor, RecordFilter } from '../../../src/audit/find/index.ts';
import { logKindOf } from '../../../src/audit/index.ts';
import type { LoggedRecord } from '../log/binding.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { searchLogs } from './search.ts';

/** Of one search. A record of an answer has about 1 kB. */
const RECORDS_PER_SEARCH = 500;
/** So that one request reads at most 5,000 records, which is more than people answer in days. */
const SEARCHES_MAX = 10;

/**
 * Returns the newest records that a filter finds in the control logs, the oldest of them first. A
 * search begins with the oldest record of the filter, so this reads on to the end and keeps the
 * last `most`. `isWhole`: nothing that the filter finds is left out.
 */
export async function newestRecords(
  env: IssuerEnv,
  filter: RecordFilter,
  most: number,
): Promise<{ readonly records: readonly LoggedRecord[]; readonly isWhole: boolean }> {
  let records: readonly LoggedRecord[] = [];
  let after: Cursor = new Map();
  let found = 0;
  for (let searches = 0; searches < SEARCHES_MAX; searches++) {
    const page = await searchLogs(env, {
      filter,
      isWanted: (log) => ['control', 'old'].includes(logKindOf(log)),
      after,
      limit: RECORDS_PER_SEARCH,
    });
    found += page.records.length;
    records = [...records, ...page.records].slice(-most);
    if (page.isEnd) return { records, isWhole: found === records.length };
    after = page.next;
  }
  return { records, isWhole: false };
}
