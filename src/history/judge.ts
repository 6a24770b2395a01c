import type { UnixSeconds } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Measured, Measurements } from './measure.ts';
import type { HistoryRefusal } from './refusal.ts';
import {
  type AfterRule,
  argumentFor,
  type CallsRule,
  type DistinctRule,
  type HistoryRule,
  type NotAfterRule,
  type OnceRule,
  type SumRule,
} from './rule.ts';
import { isFresh, type Remembered } from './state.ts';

/** A call that is judged, with what its verifier measured. */
export interface HistoryCall {
  readonly tool: string;
  /** The name of its charge. */
  readonly nonce: string;
  readonly measured: Measurements;
}

/** What a rule remembers of an allowed call, before it has its number and time. */
export type Taken = Omit<Remembered, 'n' | 'at' | 'nonce'>;

type Judged = Result<readonly Taken[], HistoryRefusal>;

/** What a rule is judged by: the calls that it remembers, without those that no longer count. */
interface Past {
  readonly past: readonly Remembered[];
  readonly call: HistoryCall;
  readonly now: UnixSeconds;
}

/** Judges a call by one rule that bounds it. Returns what the rule has to remember of it. */
export function judge(rule: HistoryRule, on: Past): Judged {
  switch (rule.kind) {
    case 'calls':
      return judgeCalls(rule, on);
    case 'sum':
      return judgeSum(rule, on);
    case 'distinct':
      return judgeDistinct(rule, on);
    case 'once':
      return judgeOnce(rule, on);
    case 'after':
      return judgeAfter(rule, on);
    case 'not_after':
      return judgeNotAfter(rule, on);
  }
}

/** Returns what every refusal of a rule says. */
export const said = ({ id, reason }: HistoryRule) => ({ rule: id, why: reason });

/** Returns what was measured at a pointer. Returns undefined if there is no value that counts. */
const measuredAt = ({ measured }: HistoryCall, pointer: string): Measured | undefined =>
  Object.hasOwn(measured, pointer) ? (measured[pointer] ?? undefined) : undefined;

function judgeCalls(rule: CallsRule, { past, now }: Past): Judged {
  const { most } = rule;
  const had = past.reduce((sum, { count = 1 }) => sum + count, 0);
  if (had + 1 <= most) return ok([{ role: 'took' }]);
  const seconds = opensIn(rule, past, now, ({ count = 1 }) => count, had + 1 - most);
  const left = Math.max(0, most - had);
  return refuse({ code: 'history_limit', ...said(rule), counts: 'calls', most, left, ...seconds });
}

function judgeSum(rule: SumRule, { past, call, now }: Past): Judged {
  const { argument, mostMicros } = rule;
  const pointer = argumentFor(argument, call.tool);
  const micros = measuredAt(call, pointer)?.micros;
  if (micros === undefined || !Number.isSafeInteger(micros) || micros < 0) {
    return refuse({ code: 'history_unmeasured', ...said(rule), pointers: [pointer] });
  }
  const had = past.reduce((sum, one) => sum + (one.micros ?? 0), 0);
  // Both are at most `mostMicros`, so the sum is exact: see `SUM_MICROS_MAX`.
  if (micros <= mostMicros && had + micros <= mostMicros) return ok([{ role: 'took', micros }]);
  const [most, left] = [mostMicros / 1_000_000, Math.max(0, mostMicros - had) / 1_000_000];
  const over = micros > mostMicros ? mostMicros : had + micros - mostMicros;
  const seconds = opensIn(rule, past, now, (one) => one.micros ?? 0, over);
  return refuse({ code: 'history_limit', ...said(rule), counts: 'sum', most, left, ...seconds });
}

function judgeDistinct(rule: DistinctRule, { past, call, now }: Past): Judged {
  const { argument, most } = rule;
  const pointer = argumentFor(argument, call.tool);
  const measured = measuredAt(call, pointer);
  if (!measured) return refuse({ code: 'history_unmeasured', ...said(rule), pointers: [pointer] });
  const known = new Set(past.flatMap(({ value }) => value ?? []));
  const values = [...new Set(measured.values)];
  const added = values.filter((value) => !known.has(value)).length;
  if (added === 0 || known.size + added <= most) {
    return ok(values.map((value) => ({ role: 'took', value })));
  }
  const left = Math.max(0, most - known.size);
  const newest = latestOfEach(past);
  const seconds = opensIn(rule, newest, now, () => 1, known.size + added - most);
  return refuse({
    code: 'history_limit',
    ...said(rule),
    counts: 'distinct',
    most,
    left,
    ...seconds,
  });
}

const latestOfEach = (past: readonly Remembered[]): readonly Remembered[] => [
  ...new Map(past.map((one) => [one.value, one])).values(),
];

function judgeOnce(rule: OnceRule, { past, call }: Past): Judged {
  const { argument } = rule;
  const pointer = argumentFor(argument, call.tool);
  const measured = measuredAt(call, pointer);
  if (!measured) return refuse({ code: 'history_unmeasured', ...said(rule), pointers: [pointer] });
  const { values } = measured;
  const known = new Set(past.flatMap(({ value }) => value ?? []));
  const isUsed = values.some((value) => known.has(value)) || new Set(values).size < values.length;
  if (isUsed) return refuse({ code: 'history_used', ...said(rule), pointer });
  return ok(values.map((value) => ({ role: 'took', value })));
}

function judgeAfter(rule: AfterRule, { past, call, now }: Past): Judged {
  const { of, result, same, least, uses, within } = rule;
  const value = same && oneValue(call, same.here);
  if (same && value === undefined) {
    return refuse({ code: 'history_unmeasured', ...said(rule), pointers: [same.here] });
  }
  const voided = Math.max(0, ...past.filter(({ role }) => role === 'voided').map(({ n }) => n));
  const permitting = past
    .filter((one) => one.role === 'saw' && one.n > voided && isFresh(one, within, now))
    .filter((one) => (result === 'any' || one.result === 'ok') && (!same || one.value === value))
    .filter((one) => uses === undefined || usesOf(one, past) < uses)
    .slice(0, least);
  if (permitting.length < least) {
    return refuse({ code: 'history_order', ...said(rule), needs: 'after', of: of.join(', ') });
  }
  return ok(uses === undefined ? [] : permitting.map(({ n }) => ({ role: 'took', by: n })));
}

/** Returns how many calls an earlier call has permitted. */
const usesOf = ({ n, used = 0 }: Remembered, past: readonly Remembered[]): number =>
  used + past.filter(({ by }) => by === n).length;

/** A call that is under way, or whose end is unknown, may have ended either way. */
const HARMLESS = { any: [], ok: ['failed'], failed: ['ok'] } as const;

function judgeNotAfter(rule: NotAfterRule, { past, call, now }: Past): Judged {
  const { of, result, same } = rule;
  const value = same && oneValue(call, same.here);
  if (same && value === undefined) {
    return refuse({ code: 'history_unmeasured', ...said(rule), pointers: [same.here] });
  }
  const except: readonly (string | undefined)[] = HARMLESS[result];
  const forbidding = past
    .filter((one) => one.role === 'saw' && !except.includes(one.result))
    .filter((one) => !same || one.value === undefined || one.value === value);
  if (forbidding.length === 0) return ok([]);
  const seconds = opensIn(rule, forbidding, now, () => 1, forbidding.length);
  const named = of.join(', ');
  return refuse({
    code: 'history_order',
    ...said(rule),
    needs: 'not_after',
    of: named,
    ...seconds,
  });
}

/** Returns the one value at a pointer. */
export const oneValue = (call: HistoryCall, pointer: string): string | undefined =>
  measuredAt(call, pointer)?.values[0];

/** Returns in how many seconds so much of what is remembered no longer counts. */
function opensIn(
  { within }: HistoryRule,
  past: readonly Remembered[],
  now: UnixSeconds,
  weightOf: (one: Remembered) => number,
  over: number,
): { readonly seconds?: number } {
  if (within === undefined) return {};
  let rest = over;
  for (const one of [...past].sort((a, b) => a.at - b.at)) {
    rest -= weightOf(one);
    if (rest <= 0) return { seconds: Math.max(1, one.at + within + 1 - now) };
  }
  return {};
}
