import { isCanary } from '../../activity/index.ts';
import type { AuditRecord } from '../../audit/index.ts';
import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import { ok } from '../../result.ts';
import { type Answer, callIssuer } from '../frame/index.ts';
import { hidesCanaries, isOpen, searchOf, type TrailFilter } from './filter.ts';

type Answered = RouteAnswer<typeof ADMIN_API.audit.searchAudit>['records'][number];

/** One record with its place. */
export interface FoundRecord extends Omit<Answered, 'record'> {
  readonly record: AuditRecord;
}

/** What a search has found, the newest record first. */
export interface Found {
  readonly records: readonly FoundRecord[];
  /** False if the search stopped at a bound, so that there may be more. */
  readonly isAll: boolean;
  /** How many stops of the drill were left out. */
  readonly hidden: number;
}

/** The list keeps no more: 500 rows of a table take a browser a third of a second. */
export const RECORDS_SHOWN_MAX = 500;

/** One request reads only so much, and a search for something rare is answered by many. */
const REQUESTS_MAX = 40;

/** Without a filter, the newest records of each log; with one, a search to the end. */
export async function searchTrail(filter: TrailFilter, newest: number): Promise<Answer<Found>> {
  const search = searchOf(filter);
  const isNewest = isOpen(filter);
  const hides = hidesCanaries(filter);
  let hidden = 0;
  let after: string | undefined;
  let records: readonly FoundRecord[] = [];
  for (let asked = 0; asked < REQUESTS_MAX; asked += 1) {
    const query = Object.assign({}, search, {
      // A quiet issuer has little but drills, so more is read than is shown.
      ...(after === undefined && isNewest && { last: String(hides ? RECORDS_SHOWN_MAX : newest) }),
      ...(after !== undefined && { after }),
      limit: String(RECORDS_SHOWN_MAX),
    });
    const answer = await callIssuer('GET', '/audit', { query });
    if (!answer.ok) return answer;
    // Nothing of an answer is changed, so it need not be readonly all the way down.
    const all = answer.value.records as readonly FoundRecord[];
    const found = hides ? all.filter(({ record }) => !isCanary(record)) : all;
    hidden += all.length - found.length;
    records = [...records, ...found].slice(-RECORDS_SHOWN_MAX);
    after = answer.value.next;
    if (answer.value.end) {
      const sorted = newestFirst(records);
      const shown = isNewest ? sorted.slice(0, newest) : sorted;
      return ok({ records: shown, isAll: !isNewest, hidden });
    }
  }
  return ok({ records: newestFirst(records), isAll: false, hidden });
}

const newestFirst = (records: readonly FoundRecord[]): readonly FoundRecord[] =>
  [...records].sort((a, b) => b.record.at - a.record.at);
