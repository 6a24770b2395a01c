import type { UnixMilliseconds } from '../clock.ts';
import type { ObservedCall } from './observed-call.ts';

/** Calls that would have been denied for one reason, of one caller and one tool. */
export interface ReportRow {
  /** The code of the denial, and the argument at fault: `constraint_failed /amount`. */
  readonly rule: string;
  /** The agent; for calls without a token, their source. */
  readonly caller: string;
  readonly tool: string;
  readonly count: number;
  readonly first: UnixMilliseconds;
  readonly last: UnixMilliseconds;
  /** The latest of the calls. */
  readonly example: ObservedCall;
}

/** What routes that observe would have denied. */
export interface ObserveReport {
  readonly calls: number;
  readonly allowed: number;
  readonly wouldBeDenied: number;
  /** Denied in spite of the mode: what an operator or a rule has stopped. */
  readonly stopped: number;
  /** Most frequent first. */
  readonly rows: readonly ReportRow[];
}

/** Returns the report of observed calls, in constant memory for each kind of row. */
export function reportOf(calls: Iterable<ObservedCall>): ObserveReport {
  const rows = new Map<string, ReportRow>();
  const counts = { allowed: 0, observed: 0, denied: 0 };
  for (const call of calls) {
    counts[call.verdict] += 1;
    if (call.verdict !== 'observed') continue;
    const rule = ruleOf(call);
    const caller = callerOf(call);
    const tool = call.tool ?? '(no tool)';
    const key = JSON.stringify([rule, caller, tool]);
    const known = rows.get(key);
    const isLatest = !known || call.at >= known.last;
    rows.set(key, {
      rule,
      caller,
      tool,
      count: (known?.count ?? 0) + 1,
      first: Math.min(known?.first ?? call.at, call.at),
      last: Math.max(known?.last ?? call.at, call.at),
      example: isLatest ? call : known.example,
    });
  }
  return {
    calls: counts.allowed + counts.observed + counts.denied,
    allowed: counts.allowed,
    wouldBeDenied: counts.observed,
    stopped: counts.denied,
    rows: [...rows.values()].sort((a, b) => b.count - a.count || b.last - a.last),
  };
}

/** Returns who made a call: its agent, or its source. */
export const callerOf = ({ agent, source }: ObservedCall): string =>
  agent ?? `no token, ${source ?? 'unknown'}`;

const ruleOf = ({ code = 'unknown', pointer }: ObservedCall): string =>
  pointer === undefined || pointer === '' ? code : `${code} ${pointer}`;
