import { formatCursor, readCursor } from '../../../src/audit/find/index.ts';
import {
  type DecisionRecord,
  decisionLogOf,
  logKindOf,
  type Outcome,
  type OutcomeRecord,
} from '../../../src/audit/index.ts';
import { toMilliseconds, type UnixSeconds } from '../../../src/clock.ts';
import type { ADMIN_API, Refusal, RouteAnswer } from '../../../src/issuer-api/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { LoggedRecord } from '../log/binding.ts';
import { activity, type IssuerEnv } from '../platform/env.ts';
import { type LogSearch, searchLogs } from '../search/search.ts';
import { rootOf } from '../workflow/id.ts';
import { describeAsOf } from './describe.ts';

type Timeline = RouteAnswer<(typeof ADMIN_API)['activity']['listWorkflowRecords']>;

const RECORDS_PER_PAGE = 100;

/** Returns a page of the records of a workflow, each decision joined with its effect. */
export async function readTimeline(
  env: IssuerEnv,
  id: string,
  cursor: string | undefined,
): Promise<Result<Timeline, Refusal<'workflow_unknown'>>> {
  const index = activity(env);
  const [row] = await index.find([rootOf(id)]);
  const asOf = await index.asOf();
  const after = cursor === undefined || cursor === '' ? undefined : readCursor(cursor);
  const found = await searchLogs(env, {
    ...searchOfTree(id, row?.began),
    ...(after && { after }),
    limit: RECORDS_PER_PAGE,
  });
  if (!after && found.isEnd && found.records.length === 0) {
    return refuse({ code: 'workflow_unknown' });
  }
  const { records, effects } = joinEffects(found.records);
  return ok({
    records,
    effects,
    next: formatCursor(found.next),
    end: found.isEnd,
    as_of: describeAsOf(asOf),
  });
}

/**
 * Returns where the records of a workflow tree are. `began` spares a search what was recorded long
 * before; the clock of a verifier may be behind.
 */
export const searchOfTree = (
  id: string,
  began: UnixSeconds | undefined,
): Pick<LogSearch, 'filter' | 'isWanted'> => ({
  filter: {
    where: { workflow: id },
    isTree: true,
    ...(began !== undefined && { from: toMilliseconds(began - CLOCK_BEHIND_SECONDS_MAX) }),
  },
  isWanted: (log) =>
    ['control', 'old'].includes(logKindOf(log)) || log === decisionLogOf(rootOf(id), ''),
});

const CLOCK_BEHIND_SECONDS_MAX = 3_600;

/** Puts outcomes into the decisions that they are about, and lists those of other pages. */
function joinEffects(found: readonly LoggedRecord[]): Pick<Timeline, 'records' | 'effects'> {
  const outcomes = new Map(
    found.flatMap(({ record }) =>
      record.event === 'outcome' ? [[record.decision, record] as const] : [],
    ),
  );
  const records = found
    .filter(({ record }) => record.event !== 'outcome')
    .map(({ log, index, record, erased }) => {
      const effect = effectOf(record as DecisionRecord, outcomes);
      return {
        log,
        index,
        record,
        ...(effect && { effect: describeOutcome(effect) }),
        ...(erased && { erased }),
      };
    });
  const joined = new Set(records.map(({ record }) => record.id));
  const effects = [...outcomes]
    .filter(([decision]) => !joined.has(decision))
    .map(([decision, { outcome }]) => ({ decision, effect: describeOutcome(outcome) }));
  return { records, effects };
}

const effectOf = (
  { event, id, outcome }: DecisionRecord,
  outcomes: ReadonlyMap<string, OutcomeRecord>,
): Outcome | undefined =>
  event === 'decision' ? (outcome ?? outcomes.get(id)?.outcome) : undefined;

const describeOutcome = ({ status, result, cause, milliseconds, bytes }: Outcome) => ({
  status,
  result,
  ...(cause !== undefined && { cause }),
  milliseconds,
  bytes,
});
