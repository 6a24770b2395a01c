import type { UnixSeconds } from '../clock.ts';
import { current } from './memory.ts';
import type { HistoryRule } from './rule.ts';
import { type HistoryState, rememberedBy } from './state.ts';

/**
 * Returns how much of a rule is used: calls, different values, the sum in the unit of its argument,
 * or the earlier calls that a rule for an order remembers.
 */
export function usedOf(rule: HistoryRule, state: HistoryState, now: UnixSeconds): number {
  const past = current(rule, rememberedBy(state, rule.id), now);
  switch (rule.kind) {
    case 'calls':
      return past.reduce((sum, { count = 1 }) => sum + count, 0);
    case 'sum':
      return past.reduce((sum, { micros = 0 }) => sum + micros, 0) / 1_000_000;
    case 'distinct':
    case 'once':
      return new Set(past.map(({ value }) => value)).size;
    case 'after':
    case 'not_after':
      return past.filter(({ role }) => role === 'saw').length;
  }
}

/** Returns the bound of a rule in the unit of `usedOf`. Returns undefined if it has none. */
export function mostOf(rule: HistoryRule): number | undefined {
  switch (rule.kind) {
    case 'calls':
    case 'distinct':
      return rule.most;
    case 'sum':
      return rule.mostMicros / 1_000_000;
    default:
      return undefined;
  }
}
