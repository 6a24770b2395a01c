import { formatCursor, readCursor } from '../../../src/audit/find/index.ts';
import { type ClosingRecord, logKindOf } from '../../../src/audit/index.ts';
import {
  toMilliseconds,
  toSeconds,
  type UnixMilliseconds,
  type UnixSeconds,
} from '../../../src/clock.ts';
import type { ADMIN_API, RouteAnswer, RouteInput } from '../../../src/issuer-api/index.ts';
import { isTerminal } from '../../../src/lifecycle/index.ts';
import type { LivingScope, LivingWorkflow } from '../log/binding.ts';
import { livingPage } from '../log/control-logs.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { searchLogs } from '../search/search.ts';

type Route = (typeof ADMIN_API)['workflows']['listWorkflows'];
type Query = RouteInput<Route>['query'];
type Listed = RouteAnswer<Route>['workflows'][number];

const CLOSED_PER_PAGE = 200;
const LIVING = 'living:';
const CLOSED = 'closed:';

/** Lists root workflows: those that live, from the control logs, then the closed ones. */
export async function listWorkflows(
  env: IssuerEnv,
  query: Query,
  now: UnixMilliseconds,
): Promise<RouteAnswer<Route>> {
  const { after = '' } = query;
  return after.startsWith(CLOSED)
    ? listClosed(env, query, after.slice(CLOSED.length))
    : listLiving(env, query, after.slice(LIVING.length), toSeconds(now));
}

async function listLiving(
  env: IssuerEnv,
  query: Query,
  after: string,
  now: UnixSeconds,
): Promise<RouteAnswer<Route>> {
  const scope = scopeOf(query);
  const page = await livingPage(env, {
    ...(scope && { scope }),
    ...(after !== '' && { after }),
  });
  const workflows = page.workflows
    .map((living) => describeLiving(living, now))
    .filter((one) => isListed(one, query));
  return { workflows, next: page.next === undefined ? CLOSED : `${LIVING}${page.next}` };
}

/** One party is enough to narrow the rows that are read; the others are compared afterwards. */
function scopeOf({ subject, agent, owner }: Query): LivingScope | undefined {
  if (subject !== undefined) return { scope: 'subject', value: subject };
  if (agent !== undefined) return { scope: 'agent', value: agent };
  return owner === undefined ? undefined : { scope: 'owner', value: owner };
}

function describeLiving({ start, state, ends }: LivingWorkflow, now: UnixSeconds): Listed {
  const { id, agent, subject, owner, task, startedAt } = start;
  // The log hears of an end by the clock only when the workflow is closed.
  const isOver = ends < now && !isTerminal(state);
  return {
    id,
    agent,
    subject,
    owner,
    task,
    ends,
    started: startedAt,
    state: isOver ? 'expired' : state,
  };
}

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
  const workflows = found.records
    .map(({ record }) => describeClosed(record as ClosingRecord))
    .filter((one) => isListed(one, query));
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
