import { setTimeout as sleep } from 'node:timers/promises';
import type { ExportedRecord } from '../../src/audit/export/index.ts';
import type { AuditRecord } from '../../src/audit/index.ts';
import { admin, type Reached } from './agent.ts';

interface Page {
  readonly records: readonly ExportedRecord[];
  readonly next: string;
  readonly end: boolean;
}

/** Returns the records that a search of the audit logs finds, with their addresses. */
export async function searchLogs(stage: Reached, query = ''): Promise<readonly ExportedRecord[]> {
  const found: ExportedRecord[] = [];
  for (let after = ''; ; ) {
    const filter = query.replace(/^\?/, '');
    const page = (await (await admin(stage, `audit?after=${after}&${filter}`)).json()) as Page;
    found.push(...page.records);
    if (page.end) return found;
    after = page.next;
  }
}

/** Returns the records that a search of the audit logs finds, oldest first. */
export const recordsOf = async (stage: Reached, query = ''): Promise<readonly AuditRecord[]> =>
  (await searchLogs(stage, query)).map(({ record }) => record);

export const trailOf = (stage: Reached, workflow: string): Promise<readonly AuditRecord[]> =>
  recordsOf(stage, `?workflow=${workflow}`);

/** Returns the addresses at which a record is missing or out of order among all records. */
export function missingOf(all: readonly ExportedRecord[]): readonly string[] {
  const next = new Map<string, number>();
  return all.flatMap(({ log, index }) => {
    const expected = next.get(log) ?? 0;
    next.set(log, index + 1);
    return index === expected ? [] : [`${log}:${expected}`];
  });
}

const OUTCOME_MILLISECONDS_MAX = 20_000;

/** Returns the newest outcome of the workflow, or waits for one for a bounded time. */
export async function outcomeOf(stage: Reached, workflow: string) {
  for (const end = performance.now() + OUTCOME_MILLISECONDS_MAX; performance.now() < end; ) {
    const outcomes = (await trailOf(stage, workflow)).flatMap((record) =>
      'outcome' in record && record.outcome ? [record.outcome] : [],
    );
    if (outcomes.length > 0) return outcomes.at(-1);
    await sleep(50);
  }
  return undefined;
}
