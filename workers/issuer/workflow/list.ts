import { formatCursor, readCursor } from '../../../src/audit/find/index.ts';
import { type ClosingRecord, logKindOf } from '../../../src/audit/index.ts';
import { toMilliseconds, type UnixMilliseconds } from '../../../src/clock.ts';
import type { ADMIN_API, RouteAnswer, RouteInput } from '../../../src/issuer-api/index.ts';
import { describeAsOf, describeWorkflow } from '../activity/describe.ts';
import { readPosition, writePosition } from '../activity/position.ts';
import { activity, type IssuerEnv } from '../platform/env.ts';
import { searchLogs } from '../search/search.ts';

type Route = (typeof ADMIN_API)['workflows']['listWorkflows'];
type Query = RouteInput<Route>['query'];
type Listed = RouteAnswer<Route>['workflows'][number];

const CLOSED_PER_PAGE = 200;
const CLOSED = 'closed:';

/** Lists root workflows: those of the index, the newest first, then older ones from the logs. */
export async function listWorkflows(
  env: IssuerEnv,
  query: Query,
  now: UnixMilliseconds,
): Promise<RouteAnswer<Route>> {
  const { after = '', ...filter } = query;
  if (after.startsWith(CLOSED)) return listClosed(env, query, after.slice(CLOSED.length));
  const position = after === '' ? undefined : readPosition(after);
  const page = await activity(env).list(filter, position);
  const last = page.workflows.at(-1);
  const isOnlyRecent = ONLY_RECENT.some((name) => query[name] !== undefined);
  const rest = isOnlyRecent ? undefined : CLOSED;
  const next = page.isEnd || !last ? rest : writePosition(last);
  return {
    workflows: page.workflows.map((one) => describeWorkflow(one, now)),
    ...(next !== undefined && { next }),
    counts: page.counts,
    as_of: describeAsOf(page.asOf),
  };
}

/** What no closing record says, so that only the index can answer it. */
const ONLY_RECENT = ['q', 'tool', 'dataset', 'code', 'show'] as const;

async function listClosed(
  env: IssuerEnv,
  query: Query,
  after: string,
): Promise<RouteAnswer<Route>> {
  const { agent, subject, owner, from } = query;
  const found = await searchLogs(env, {
    filter: {
      where: {
        event: 'closing',
        ...(agent !== undefined && { agent }),
        ...(subject !== undefined && { subject }),
        ...(owner !== undefined && { owner }),
      },
      // It is closed after it began.
      ...(from !== undefined && { from: toMilliseconds(from) }),
    },
    isWanted: (log) => logKindOf(log) === 'control',
    after: readCursor(after) ?? new Map(),
    limit: CLOSED_PER_PAGE,
  });
  const closed = found.records
    .map(({ record }) => describeClosed(record as ClosingRecord))
    .filter((one) => isListed(one, query));
  const listed = await activity(env).find(closed.map(({ id }) => id));
  const workflows = closed.filter(({ id }) => listed.every((one) => one.id !== id));
  return { workflows, ...(!found.isEnd && { next: `${CLOSED}${formatCursor(found.next)}` }) };
}

function describeClosed(record: ClosingRecord): Listed {
  const { workflow = '', agent, subject, owner, task, state, mints, children } = record;
  return {
    ...(agent !== undefined && { agent }),
    ...(subject !== undefined && { subject }),
    ...(owner !== undefined && { owner }),
    ...(task !== undefined && { task }),
    id: workflow,
    state,
    started: record.startedAt,
    ended: record.endedAt,
    mints,
    children,
  };
}

const isListed = ({ agent, subject, owner, state, started }: Listed, query: Query): boolean =>
  (query.agent === undefined || agent === query.agent) &&
  (query.subject === undefined || subject === query.subject) &&
  (query.owner === undefined || owner === query.owner) &&
  (query.state === undefined || state === query.state) &&
  (query.from === undefined || started >= query.from) &&
  (query.until === undefined || started < query.until);
