import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditRecord, LinkedRecord } from '../../src/audit/index.ts';
import { admin, type Reached } from './agent.ts';

/** Returns the records that a query of the audit log finds, oldest first. */
export async function recordsOf(stage: Reached, query = ''): Promise<readonly AuditRecord[]> {
  const answer = await admin(stage, `audit${query}`);
  const { records } = (await answer.json()) as { records: readonly LinkedRecord[] };
  return records.map(({ record }) => record);
}

export const trailOf = (stage: Reached, workflow: string): Promise<readonly AuditRecord[]> =>
  recordsOf(stage, `?workflow=${workflow}`);

/** Returns the newest outcome of the workflow, or waits for one for a bounded time. */
export async function outcomeOf(stage: Reached, workflow: string) {
  for (let tries = 0; tries < 100; tries++) {
    const outcomes = (await trailOf(stage, workflow)).flatMap((record) =>
      'outcome' in record && record.outcome ? [record.outcome] : [],
    );
    if (outcomes.length > 0) return outcomes.at(-1);
    await sleep(50);
  }
  return undefined;
}
