import type { UnixSeconds } from '../clock.ts';
import { utf8 } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type HistoryCall, judge, oneValue, said, type Taken } from './judge.ts';
import { compacted, current, withoutNonce } from './memory.ts';
import type { HistoryRefusal } from './refusal.ts';
import { type HistoryRule, pointersFor, rulesOf, watchedBy } from './rule.ts';
import { HISTORY_BYTES_MAX, type HistoryState, type Remembered, rememberedBy } from './state.ts';

/**
 * Judges a call by every rule of its tool and remembers it, before it is made. Remembers nothing of
 * a call that one of the rules refuses.
 *
 * `rules` are those of the scope that `state` belongs to. If `measured` lacks an argument, the
 * refusal `history_unmeasured` has the pointers of all arguments that the rules read.
 */
export function reserveHistory(
  rules: readonly HistoryRule[],
  state: HistoryState,
  call: HistoryCall,
  now: UnixSeconds,
): Result<HistoryState, HistoryRefusal> {
  const own = rulesOf(rules, call.tool);
  if (own.length === 0) return ok(state);
  const unmeasured = unmeasuredBy(own, call);
  if (unmeasured) return refuse(unmeasured);
  const remembered: Record<string, readonly Remembered[]> = { ...state.rules };
  let { next } = state;
  for (const rule of own) {
    const past = current(rule, rememberedBy(state, rule.id), now);
    const judged = rule.tools.includes(call.tool) ? judge(rule, { past, call, now }) : ok([]);
    if (!judged.ok) return judged;
    const added = [...judged.value, ...watched(rule, call)].map((one): Remembered => {
      const numbered = { ...one, n: next, at: now, nonce: call.nonce };
      next += 1;
      return numbered;
    });
    const kept = compacted(rule, [...past, ...added]);
    if (!kept) return refuse({ code: 'history_full', ...said(rule) });
    remembered[rule.id] = kept;
  }
  const fitting = fitted({ next, rules: remembered }, rules);
  const [first] = own;
  return fitting || !first
    ? ok(fitting ?? state)
    : refuse({ code: 'history_full', ...said(first) });
}

/**
 * Returns which arguments a verifier has to measure, if it measured none of one. With the rules of
 * all scopes, it learns them at once.
 */
export function unmeasuredBy(
  rules: readonly HistoryRule[],
  { tool, measured }: HistoryCall,
): HistoryRefusal | undefined {
  const own = rulesOf(rules, tool);
  const lacking = own.find((rule) =>
    pointersFor(rule, tool).some((pointer) => !Object.hasOwn(measured, pointer)),
  );
  if (!lacking) return undefined;
  const pointers = new Set(own.flatMap((rule) => pointersFor(rule, tool)));
  return { code: 'history_unmeasured', ...said(lacking), pointers: [...pointers] };
}

/** Returns what a rule that waits for calls of the tool remembers of this one. */
export function watched(rule: HistoryRule, call: HistoryCall): readonly Taken[] {
  if (!watchedBy(rule).includes(call.tool)) return [];
  if (rule.kind === 'after' && rule.unless?.includes(call.tool)) return [{ role: 'voided' }];
  if (rule.kind !== 'after' && rule.kind !== 'not_after') return [];
  const value = rule.same && oneValue(call, rule.same.there);
  return [{ role: 'saw', result: 'open', ...(value !== undefined && { value }) }];
}

/** Forgets what other rules left behind, if the state is too large. Undefined: it still is. */
function fitted(state: HistoryState, rules: readonly HistoryRule[]): HistoryState | undefined {
  if (isSmall(state)) return state;
  const known = new Set(rules.map(({ id }) => id));
  const own = Object.entries(state.rules).filter(([id]) => known.has(id));
  const fewer = { ...state, rules: Object.fromEntries(own) };
  return isSmall(fewer) ? fewer : undefined;
}

const isSmall = (state: HistoryState): boolean =>
  utf8(JSON.stringify(state)).length <= HISTORY_BYTES_MAX;

/** Notes how a call ended. Changes nothing for an unknown charge, or one that was given back. */
export const commitHistory = (
  state: HistoryState,
  nonce: string,
  result: 'ok' | 'failed' | 'open',
): HistoryState =>
  changing(state, nonce, (one) => [
    one.role === 'saw' ? { ...withoutNonce(one), result } : withoutNonce(one),
  ]);

/** Returns whether a charge is remembered by its name. */
export const isReserved = (state: HistoryState, nonce: string): boolean =>
  Object.values(state.rules).some((past) => past.some((one) => one.nonce === nonce));

/** Forgets a call that was not made after all. */
export const refundHistory = (state: HistoryState, nonce: string): HistoryState =>
  changing(state, nonce, () => []);

function changing(
  state: HistoryState,
  nonce: string,
  change: (one: Remembered) => readonly Remembered[],
): HistoryState {
  if (!isReserved(state, nonce)) return state;
  const rules = Object.entries(state.rules).map(([id, past]) => [
    id,
    past.flatMap((one) => (one.nonce === nonce ? change(one) : [one])),
  ]);
  return { ...state, rules: Object.fromEntries(rules) };
}
