import type { UnixSeconds } from '../../../src/clock.ts';
import { CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import type { WorkflowStart } from './binding.ts';
import { MINT_WINDOW_SECONDS, type Mint } from './mints.ts';
import type { StoredRenewals } from './tree.ts';

/**
 * Renewals in the row of a workflow. With capabilities of half a minute, as many are valid at once,
 * or were minted within a minute. A further one is recorded like any other mint.
 */
export const RENEWALS_KEPT_MAX = 16;

/** Returns the renewals with one more; undefined if the row has no room for it. */
export function withRenewal(
  before: StoredRenewals | undefined,
  { blocks: [block = ''], expires }: WorkflowStart,
  of: number,
  now: UnixSeconds,
): StoredRenewals | undefined {
  const recent = before?.recent.filter(
    (one) => one.expires + CLOCK_SKEW_SECONDS_MAX >= now || one.at + MINT_WINDOW_SECONDS > now,
  );
  if (recent && recent.length >= RENEWALS_KEPT_MAX) return undefined;
  return {
    count: (before?.count ?? 0) + 1,
    at: now,
    recent: [...(recent ?? []), { block, at: now, expires, of }],
  };
}

/** Returns the recorded mints with the renewals that the row still has, oldest first. */
export function withRecentRenewals(
  recorded: readonly Mint[],
  renewals: StoredRenewals | undefined,
): readonly Mint[] {
  const recent = (renewals?.recent ?? []).flatMap(({ block, at, expires, of }) => {
    const repeated = recorded[of];
    return repeated ? [{ ...repeated, block, at, expires, added: [] }] : [];
  });
  return recent.length === 0 ? recorded : [...recorded, ...recent].sort((a, b) => a.at - b.at);
}

/** Returns what the last record of a workflow says about its renewals. */
export const describeRenewals = (renewals: StoredRenewals | undefined) =>
  renewals ? { renewals: renewals.count, renewedAt: renewals.at } : {};
