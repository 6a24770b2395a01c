import { createHash } from 'node:crypto';
import {
  type AuditRecord,
  DECISION_LOGS,
  type LinkedRecord,
  linkInput,
  TRAIL_START,
} from '../../../src/audit/index.ts';
import { AUDIT_RECORDS_PER_PAGE_MAX } from '../../../src/limits.ts';
import type { AuditFilter } from '../../../workers/issuer/audit/binding.ts';
import { controlLogs } from '../../../workers/issuer/log/control-logs.ts';
import { readRecords } from '../../../workers/issuer/log/read.ts';
import type { IssuerEnv } from '../../../workers/issuer/platform/env.ts';

/** One answer in an isolate has 32 MiB, and its copies share 128. */
const AUDIT_PAGE_BYTES_MAX = 2 * 1024 * 1024;

/**
 * Returns records of all logs as one chain, in the order of their times, so that a test need not
 * know which log has a record.
 */
export async function readMerged(
  env: IssuerEnv,
  { workflow, mode, after, limit = AUDIT_RECORDS_PER_PAGE_MAX }: AuditFilter,
): Promise<LinkedRecord[]> {
  const logs = await Promise.all(
    [...(await controlLogs(env)), ...DECISION_LOGS].map((log) =>
      readRecords(env, log, 0, Number.MAX_SAFE_INTEGER),
    ),
  );
  const all = merge(logs.map((log) => log.map(({ record }) => record)));
  let previous = TRAIL_START;
  let bytes = 0;
  const page: LinkedRecord[] = [];
  for (const [place, record] of all.entries()) {
    const seq = place + 1;
    const hash = createHash('sha256')
      .update(linkInput(previous, seq, record))
      .digest('hex');
    const isAsked =
      seq > after &&
      (workflow === undefined || record.workflow === workflow) &&
      (mode === undefined || (record.event === 'decision' && record.mode === mode));
    if (isAsked) {
      bytes += JSON.stringify(record).length;
      const isFull = page.length === limit || (page.length > 0 && bytes > AUDIT_PAGE_BYTES_MAX);
      if (isFull) break;
      page.push({ seq, previous, hash, record });
    }
    previous = hash;
  }
  return page;
}

/** Merges logs by the times of their records. The order within each log stays. */
function merge(logs: readonly (readonly AuditRecord[])[]): readonly AuditRecord[] {
  const places = logs.map(() => 0);
  const merged: AuditRecord[] = [];
  for (;;) {
    let next: { readonly log: number; readonly record: AuditRecord } | undefined;
    for (const [log, records] of logs.entries()) {
      const record = records[places[log] ?? 0];
      if (record && (!next || record.at < next.record.at)) next = { log, record };
    }
    if (!next) return merged;
    merged.push(next.record);
    places[next.log] = (places[next.log] ?? 0) + 1;
  }
}
