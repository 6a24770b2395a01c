/** What one rule remembers, kept small. Nothing that is forgotten or merged loosens the rule. */
import type { UnixSeconds } from '../clock.ts';
import type { HistoryRule } from './rule.ts';
import {
  COUNTED_MAX,
  isCounted,
  isFresh,
  ONCE_VALUES_MAX,
  OPEN_SECONDS_MAX,
  type Remembered,
  SEEN_MAX,
} from './state.ts';

/** Drops what no longer counts, and the names of charges that can no longer be given back. */
export function current(
  rule: HistoryRule,
  past: readonly Remembered[],
  now: UnixSeconds,
): readonly Remembered[] {
  const { within, kind } = rule;
  const counts = past.filter((one) =>
    kind === 'after'
      ? one.role !== 'saw' || isFresh(one, within, now)
      : isCounted(one, within, now),
  );
  const settled = counts.map((one) =>
    // An earlier call may run for longer, and reports how it ended.
    one.role !== 'saw' && one.at + OPEN_SECONDS_MAX < now ? withoutNonce(one) : one,
  );
  return kind === 'after' ? withoutVoided(settled) : settled;
}

/** Merges what is too much to remember. Undefined: the rule can remember no further call. */
export function compacted(
  { kind }: HistoryRule,
  past: readonly Remembered[],
): readonly Remembered[] | undefined {
  switch (kind) {
    case 'calls':
    case 'sum':
      return mergedTo(past, COUNTED_MAX, addUp);
    case 'distinct':
      return newestOfEach(past);
    case 'once':
      return past.length > ONCE_VALUES_MAX ? undefined : past;
    case 'after':
      return foldUses(past);
    case 'not_after':
      return mergedTo(newestOfEach(past), SEEN_MAX, standForAll);
  }
}

export function withoutNonce({ nonce: _, ...one }: Remembered): Remembered {
  return one;
}

/** Merges the two oldest until there are few enough. What is merged cannot be given back. */
function mergedTo(
  past: readonly Remembered[],
  most: number,
  merge: (older: Remembered, newer: Remembered) => Remembered,
): readonly Remembered[] {
  const over = past.length - most;
  if (over <= 0) return past;
  const [oldest, ...next] = past.slice(0, over + 1);
  if (!oldest) return past;
  return [next.reduce(merge, withoutNonce(oldest)), ...past.slice(over + 1)];
}

const addUp = (older: Remembered, newer: Remembered): Remembered => ({
  n: newer.n,
  at: Math.max(older.at, newer.at),
  role: 'took',
  count: (older.count ?? 1) + (newer.count ?? 1),
  ...((older.micros ?? newer.micros) !== undefined && {
    micros: (older.micros ?? 0) + (newer.micros ?? 0),
  }),
});

/** Of many earlier calls that forbid others, the oldest forbid them for every value. */
const standForAll = (older: Remembered, newer: Remembered): Remembered => ({
  n: newer.n,
  at: Math.max(older.at, newer.at),
  role: 'saw',
  result: older.result === newer.result ? (older.result ?? 'open') : 'open',
});

/** Keeps the newest of those that say the same, and each that may still be given back. */
function newestOfEach(past: readonly Remembered[]): readonly Remembered[] {
  const keyOf = ({ value, result }: Remembered) => `${value} ${result}`;
  const settled = past.filter(({ nonce }) => nonce === undefined);
  const newest = new Map(settled.map((one) => [keyOf(one), one]));
  const open = past.filter(({ nonce }) => nonce !== undefined);
  // Charges that are open at once: the oldest count as made.
  const made = open.slice(0, Math.max(0, open.length - COUNTED_MAX));
  for (const one of made) newest.set(keyOf(one), withoutNonce(one));
  const kept = new Set([...newest.values(), ...open.slice(made.length)]);
  return [...kept].sort((a, b) => a.n - b.n);
}

/** Uses that can no longer be given back become a number of the call that permitted them. */
function foldUses(past: readonly Remembered[]): readonly Remembered[] {
  const saws = past.filter(({ role }) => role === 'saw').slice(-SEEN_MAX);
  const known = new Set(saws.map(({ n }) => n));
  const took = past.filter(({ role, by = 0 }) => role === 'took' && known.has(by));
  const open = took.filter(({ nonce }) => nonce !== undefined).slice(-COUNTED_MAX);
  const folded = took.filter((one) => !open.includes(one));
  const counted = saws.map((saw) => {
    const uses = folded.filter(({ by }) => by === saw.n).length;
    return uses === 0 ? saw : { ...saw, used: (saw.used ?? 0) + uses };
  });
  const voided = past.filter(({ role }) => role === 'voided');
  // Beyond it, the oldest count as made.
  const voids = voided.map((one, i) => (voided.length - i > SEEN_MAX ? withoutNonce(one) : one));
  return withoutVoided([...counted, ...open, ...voids].sort((a, b) => a.n - b.n));
}

/** Forgets earlier calls that are voided permanently, and all but the newest of such voids. */
function withoutVoided(past: readonly Remembered[]): readonly Remembered[] {
  const final = past.findLast(({ role, nonce }) => role === 'voided' && nonce === undefined);
  return final === undefined ? past : past.filter((one) => one === final || one.n > final.n);
}
