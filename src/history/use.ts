import type { UnixSeconds } from '../clock.ts';
import { current } from './memory.ts';
import type { HistoryRule } from './rule.ts';
import { type HistoryState, type Remembered, rememberedBy } from './state.ts';

/**
 * How much of a rule is used: calls, different values, the sum in the unit of its argument, or the
 * earlier calls that a rule for an order remembers.
 */
export interface HistoryUse {
  readonly rule: string;
  readonly used: number;
  /** The part of `used` whose call may still be given back, or has not reported its end. */
  readonly reserved: number;
}

/** Returns how much of each rule is used now. `state` belongs to the scope of the rules. */
export const usesOf = (
  rules: readonly HistoryRule[],
  state: HistoryState,
  now: UnixSeconds,
): readonly HistoryUse[] =>
  rules.map((rule) => {
    const past = current(rule, rememberedBy(state, rule.id), now);
    const settled = past.filter(({ nonce }) => nonce === undefined);
    const used = amountOf(rule, past);
    // Millionths, so the difference is exact.
    const unit = rule.kind === 'sum' ? 1_000_000 : 1;
    const reserved = (used - amountOf(rule, settled)) / unit;
    return { rule: rule.id, used: used / unit, reserved };
  });

function amountOf({ kind }: HistoryRule, past: readonly Remembered[]): number {
  switch (kind) {
    case 'calls':
      return past.reduce((sum, { count = 1 }) => sum + count, 0);
    case 'sum':
      return past.reduce((sum, { micros = 0 }) => sum + micros, 0);
    case 'distinct':
    case 'once':
      return new Set(past.map(({ value }) => value)).size;
    case 'after':
    case 'not_after':
      return past.filter(({ role }) => role === 'saw').length;
  }
}

/** Returns the bound of a rule in the unit of `used`. Returns undefined if it has none. */
export function mostOf(rule: HistoryRule): number | undefined {
  switch (rule.kind) {
    case 'calls':
    case 'distinct':
      return rule.most;
    case 'sum':
      return rule.mostMicros / 1_000_000;
    case 'once':
    case 'after':
    case 'not_after':
      return undefined;
  }
}
