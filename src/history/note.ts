import type { UnixSeconds } from '../clock.ts';
import { watched } from './keep.ts';
import { compacted, current } from './memory.ts';
import { type HistoryRule, watchedBy } from './rule.ts';
import { type HistoryState, type Remembered, rememberedBy } from './state.ts';

/** A call that was not charged, as its record has it. */
export interface UnchargedCall {
  readonly tool: string;
  readonly end: 'ok' | 'failed' | 'open';
  /** A rule over history denied it. */
  readonly isByHistory?: boolean;
}

/**
 * Remembers a call that was not charged: a denied one, or one of a tier that its verifier does not
 * charge. Its arguments are unknown, so it forbids other calls for every value, and permits none
 * that needs the same value.
 */
export function noteHistory(
  rules: readonly HistoryRule[],
  state: HistoryState,
  event: UnchargedCall,
  now: UnixSeconds,
): HistoryState {
  const own = rules.filter((rule) => isNoted(rule, event));
  return own.reduce((before, rule) => noteOne(rule, before, event, now), state);
}

/** A rule that denied a call must not take that for a further failure: it would never end. */
const isNoted = (rule: HistoryRule, { tool, isByHistory }: UnchargedCall): boolean =>
  rule.scope === 'workflow' &&
  watchedBy(rule).includes(tool) &&
  !(isByHistory && rule.tools.includes(tool));

function noteOne(
  rule: HistoryRule,
  state: HistoryState,
  { tool, end }: UnchargedCall,
  now: UnixSeconds,
): HistoryState {
  const past = current(rule, rememberedBy(state, rule.id), now);
  const added = watched(rule, { tool, nonce: '', measured: {} })
    // A call that failed did nothing that could void another.
    .filter(({ role }) => role !== 'voided' || end !== 'failed')
    .map(
      (one, i): Remembered => ({
        ...one,
        ...(one.role === 'saw' && { result: end }),
        n: state.next + i,
        at: now,
      }),
    );
  const kept = compacted(rule, [...past, ...added]) ?? past;
  const next = state.next + added.length;
  return { next, rules: { ...state.rules, [rule.id]: kept } };
}
