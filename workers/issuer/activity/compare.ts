import { applyRecord, usesOf, type WorkflowActivity } from '../../../src/activity/index.ts';
import type { AuditRecord } from '../../../src/audit/index.ts';
import type { ADMIN_API, RouteAnswer } from '../../../src/issuer-api/index.ts';
import { livingPage } from '../log/control-logs.ts';
import { activity, type IssuerEnv } from '../platform/env.ts';
import type { IndexedWorkflow } from './binding.ts';
import { describeAsOf } from './describe.ts';
import { readPosition, writePosition } from './position.ts';
import { readTree } from './tokens.ts';

type Comparison = RouteAnswer<(typeof ADMIN_API)['activity']['compareActivity']>;
type Fault = Comparison['differing'][number];

/** Each is a search in the logs. */
const COMPARED_PER_REQUEST = 10;
const LIVING = 'living:';

/**
 * Compares a part of the index with the logs: first each workflow of the index with its records,
 * then the workflows that the control logs list as living with the index.
 */
export async function compareWithLogs(
  env: IssuerEnv,
  after: string | undefined,
): Promise<Comparison> {
  if (after?.startsWith(LIVING)) return await compareLiving(env, after.slice(LIVING.length));
  const position = after === undefined ? undefined : readPosition(after);
  const page = await activity(env).list({}, position, COMPARED_PER_REQUEST);
  const faults: Fault[] = [];
  for (const row of page.workflows) faults.push(...(await compareOne(env, row)));
  const last = page.workflows.at(-1);
  return {
    checked: page.workflows.length,
    differing: faults,
    next: page.isEnd || !last ? LIVING : writePosition(last),
    as_of: describeAsOf(page.asOf),
  };
}

async function compareOne(env: IssuerEnv, listed: IndexedWorkflow): Promise<readonly Fault[]> {
  const { records, isWhole } = await readTree(env, listed.id, listed.began);
  if (isWhole && differences(listed, records).length === 0) return [];
  // Records may have come while the logs were read, so both are read again.
  const [row = listed] = await activity(env).find([listed.id]);
  const again = await readTree(env, listed.id, listed.began);
  if (!isWhole || again.records.length !== records.length) return [];
  return differences(row, again.records);
}

/** Returns in what a row of the index differs from what the records of its workflow make. */
function differences(row: IndexedWorkflow, records: readonly AuditRecord[]): readonly Fault[] {
  const built = records.reduce<WorkflowActivity | undefined>(applyRecord, undefined);
  if (!built) return [{ id: row.id, what: 'unknown' }];
  const children = new Set(
    records.flatMap(usesOf).flatMap(({ kind, value }) => (kind === 'child' ? [value] : [])),
  );
  const pairs = [
    ['calls', row.calls, built.calls],
    ['denials', row.denials, built.denials],
    ['last_call', row.lastCall ?? 0, built.lastCall ?? 0],
    ['mints', row.mints, built.mints],
    ['children', row.children, children.size],
    ['agent', row.agent ?? '', built.agent ?? ''],
    // The end of a workflow that no one used is known from the clock.
    ['state', row.state, row.state === 'expired' && !built.ended ? 'expired' : built.state],
  ] as const;
  return pairs
    .filter(([, index, logs]) => index !== logs)
    .map(([what, index, logs]) => ({ id: row.id, what, index, logs }));
}

async function compareLiving(env: IssuerEnv, after: string): Promise<Comparison> {
  const page = await livingPage(env, { ...(after !== '' && { after }) });
  const index = activity(env);
  const known = new Map(
    (await index.find(page.workflows.map(({ start }) => start.id))).map((row) => [row.id, row]),
  );
  const missing = page.workflows
    .filter(({ start }) => !known.has(start.id))
    .map(({ start }) => ({ id: start.id, what: 'missing' }));
  return {
    checked: page.workflows.length,
    differing: missing,
    ...(page.next !== undefined && { next: `${LIVING}${page.next}` }),
    as_of: describeAsOf(await index.asOf()),
  };
}
