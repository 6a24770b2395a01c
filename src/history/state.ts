import type { UnixSeconds } from '../clock.ts';

/** One remembered call, or several old ones as one. */
export interface Remembered {
  /** The order of all that one state remembers. */
  readonly n: number;
  readonly at: UnixSeconds;
  /** `took`: a call that the rule bounds. `saw`: an earlier one. `voided`: one of `unless`. */
  readonly role: 'took' | 'saw' | 'voided';
  /** The name of the charge, while the call may still be given back or report how it ended. */
  readonly nonce?: string;
  /** How many calls it stands for, if those are several. */
  readonly count?: number;
  readonly micros?: number;
  /** The digest of a value. Absent in a `saw` that stands for every value. */
  readonly value?: string;
  /** How a call ended. `open`: not known, or not yet. */
  readonly result?: 'open' | 'ok' | 'failed';
  /** The `n` of the earlier call that permitted this one. */
  readonly by?: number;
  /** How many calls an earlier call has permitted, beside those that name it. */
  readonly used?: number;
}

/** What the rules of one scope remember, by the id of the rule. */
export interface HistoryState {
  /** The `n` of the next remembered call. */
  readonly next: number;
  readonly rules: Readonly<Record<string, readonly Remembered[]>>;
}

export const EMPTY_HISTORY: HistoryState = { next: 1, rules: {} };

/** Beyond it, the oldest calls of a count or of a sum are remembered as one, at the later time. */
export const COUNTED_MAX = 256;
/** Different values that a rule for single use remembers. Beyond it, the call is refused. */
export const ONCE_VALUES_MAX = 1_024;
/** Earlier calls that a rule for an order remembers. The oldest are forgotten, or stand for all. */
export const SEEN_MAX = 128;
/** Of one state, as JSON. It is written with every charge. */
export const HISTORY_BYTES_MAX = 192 * 1024;
/** How long a charge may be given back, which is longer than any retry. */
export const OPEN_SECONDS_MAX = 600;

/** Returns what one rule remembers. */
export const rememberedBy = (state: HistoryState, rule: string): readonly Remembered[] =>
  Object.hasOwn(state.rules, rule) ? (state.rules[rule] ?? []) : [];

/** Returns whether a remembered call still counts: longer, because seconds are rounded down. */
export const isCounted = ({ at }: Remembered, within: number | undefined, now: UnixSeconds) =>
  within === undefined || at + within >= now;

/** Returns whether an earlier call still permits another: never longer than the rule says. */
export const isFresh = ({ at }: Remembered, within: number | undefined, now: UnixSeconds) =>
  within === undefined || at + within > now;
