import type { AuditRecord } from '../audit/index.ts';
import { toSeconds, type UnixMilliseconds, type UnixSeconds } from '../clock.ts';
import { rootWorkflowOf } from '../root-workflow.ts';
import { isDenied } from './uses.ts';

/** What records add to the series of a minute. */
export interface MinuteSum {
  readonly minute: UnixSeconds;
  readonly calls: number;
  readonly denials: number;
  readonly mints: number;
}

/** Returns what records add to the series, a sum for each minute. Only calls and mints count. */
export function minutesOf(records: readonly AuditRecord[]): readonly MinuteSum[] {
  const sums = new Map<UnixSeconds, MinuteSum>();
  for (const record of records) {
    if (record.event !== 'mint' && record.event !== 'decision') continue;
    const seconds = toSeconds(record.at);
    const minute = seconds - (seconds % 60);
    const { calls, denials, mints } = sums.get(minute) ?? { calls: 0, denials: 0, mints: 0 };
    const isCall = record.event === 'decision';
    sums.set(minute, {
      minute,
      calls: calls + Number(isCall),
      denials: denials + Number(isCall && isDenied(record)),
      mints: mints + Number(!isCall),
    });
  }
  return [...sums.values()];
}

/** Allowed calls of an agent with a tool on a dataset. */
export interface LastUseSum {
  readonly agent: string;
  readonly tool: string;
  /** Empty for a call without a dataset. */
  readonly dataset: string;
  readonly calls: number;
  readonly at: UnixMilliseconds;
  /** The workflow of the newest one. */
  readonly root: string;
}

/** Returns the allowed calls of records, a sum for each agent, tool and dataset. */
export function lastUsesOf(records: readonly AuditRecord[]): readonly LastUseSum[] {
  const sums = new Map<string, LastUseSum>();
  for (const record of records) {
    if (record.event !== 'decision' || !record.allowed) continue;
    const { agent, tool, datasets, at, workflow } = record;
    if (typeof agent !== 'string' || tool === undefined || workflow === undefined) continue;
    const named = Array.isArray(datasets) && datasets.length > 0 ? datasets : [''];
    for (const dataset of named) {
      const key = JSON.stringify([agent, tool, dataset]);
      const known = sums.get(key);
      const isNewest = at >= (known?.at ?? Number.NEGATIVE_INFINITY);
      sums.set(key, {
        agent,
        tool,
        dataset,
        calls: (known?.calls ?? 0) + 1,
        at: Math.max(at, known?.at ?? at),
        root: isNewest ? rootWorkflowOf(workflow) : (known?.root ?? ''),
      });
    }
  }
  return [...sums.values()];
}
