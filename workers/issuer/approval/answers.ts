import type { ApprovalDecidedRecord } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import {
  type ADMIN_API,
  ANSWERS_LISTED_MAX,
  type RouteAnswer,
} from '../../../src/issuer-api/index.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { newestRecords } from '../search/newest.ts';

type Answers = RouteAnswer<(typeof ADMIN_API)['approvals']['listAnswers']>;

const LISTED_MILLISECONDS = 24 * 3_600_000;

/** Returns what people answered within the last day, newest first, from the logs. */
export async function recentAnswers(
  env: IssuerEnv,
  now: UnixMilliseconds,
): Promise<Pick<Answers, 'answers' | 'complete'>> {
  const filter = { where: { event: 'approval_decided' }, from: now - LISTED_MILLISECONDS };
  const { records, isWhole } = await newestRecords(env, filter, ANSWERS_LISTED_MAX);
  const answers = records.map(({ record }) => describe(record as ApprovalDecidedRecord)).reverse();
  return { answers, complete: isWhole };
}

/** What an erasure has taken out of a record is no text. */
function describe(record: ApprovalDecidedRecord): Answers['answers'][number] {
  const { approval, decision, at, ...rest } = record;
  const { by, reason, agent, subject, owner, task, workflow } = rest;
  const known = Object.entries({ by, reason, agent, subject, owner, task, workflow }).filter(
    ([, value]) => typeof value === 'string',
  );
  const texts: Partial<Record<keyof typeof rest, string>> = Object.fromEntries(known);
  return Object.assign({ approval, decision, at: new Date(at).toISOString() }, texts);
}
