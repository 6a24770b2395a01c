import {
  readClock,
  toMilliseconds,
  toSeconds,
  type UnixMilliseconds,
  type UnixSeconds,
} from '../../../src/clock.ts';
import { CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { TIERS } from '../../../src/verifier/index.ts';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';
import type { Reach } from './confirmations.ts';

const CONFIRM_POLL_MILLISECONDS = 100;

/**
 * How far an entry is known to have spread: it is in the feed; every recently seen verifier has
 * confirmed it, and there is at least one; or it is no longer needed, because every token has
 * ended.
 */
export type StopProgress = 'in_feed' | 'confirmed' | 'ended';

/** The effect of an entry, as an operator sees it. */
export interface Effect {
  readonly standing: StopProgress;
  /**
   * When every verifier enforces it on routes of tier 1 and above, in RFC 3339, by the issuer's
   * clock. A verifier without the entry then has a head that is too old, so it asks or denies.
   */
  readonly effective_by: string;
  /** The same for each tier. For tier 0 it is the end of the last token, if known. */
  readonly by_tier: Readonly<Record<'0' | '1' | '2' | '3', string | null>>;
  readonly verifiers: Reach;
}

export interface EffectQuery {
  readonly shard: number;
  readonly epoch: number;
  readonly seq: number;
  /** When the last token that it stops has ended; undefined if unknown. */
  readonly expires?: UnixSeconds | undefined;
  /** How long the answer may wait for verifiers to confirm. */
  readonly waitSeconds: number;
}

/**
 * Waits up to `waitSeconds` until every recently seen verifier has confirmed an entry, of which
 * there must be at least one. The entry is in the feed already, and no failure here undoes that.
 */
export async function waitForEffect(
  env: IssuerEnv,
  { waitSeconds, expires, ...position }: EffectQuery,
): Promise<Effect> {
  const now = readClock();
  let verifiers = await reachOf(env, position);
  const waits = Math.ceil((waitSeconds * 1000) / CONFIRM_POLL_MILLISECONDS);
  for (let wait = 0; wait < waits && !isConfirmed(verifiers); wait++) {
    await new Promise((passed) => setTimeout(passed, CONFIRM_POLL_MILLISECONDS));
    verifiers = await reachOf(env, position);
  }
  const standing = progressOf(verifiers, expires, readClock());
  return { standing, ...boundsFrom(now, expires), verifiers };
}

/** If no verifier was seen, the reach of the entry is unknown. */
const isConfirmed = ({ seen, confirmed }: Reach): boolean => seen > 0 && confirmed === seen;

/** Returns the progress of an entry. `expires` is when the last token that it stops has ended. */
export function progressOf(
  verifiers: Reach,
  expires: UnixSeconds | undefined,
  now: UnixMilliseconds,
): StopProgress {
  const isEnded = expires !== undefined && toMilliseconds(expires + CLOCK_SKEW_SECONDS_MAX) < now;
  if (isEnded) return 'ended';
  return isConfirmed(verifiers) ? 'confirmed' : 'in_feed';
}

/**
 * Returns times that are never too early. `now` is after the entry was written, so a head without
 * the entry was issued in this second at the latest. `issued_at` and its age are whole seconds: a
 * head of second `s` counts as at most `max` seconds old until `s + max + 1`. Polling intervals and
 * caches need no allowance, because they are part of the age.
 */
export function boundsFrom(
  now: UnixMilliseconds,
  expires: UnixSeconds | undefined,
): Pick<Effect, 'effective_by' | 'by_tier'> {
  const text = (time: UnixSeconds): string => new Date(toMilliseconds(time)).toISOString();
  const boundOf = (tier: 1 | 2): string => text(toSeconds(now) + TIERS[tier].headSecondsMax + 1);
  return {
    effective_by: boundOf(1),
    by_tier: {
      0: expires === undefined ? null : text(expires),
      1: boundOf(1),
      2: boundOf(2),
      3: new Date(now).toISOString(), // Tier 3 asks the log every time, and the log has it.
    },
  };
}

const NONE_SEEN: Reach = { seen: 0, confirmed: 0, waiting: [] };

/** Returns how many verifiers have confirmed a position; none if the log does not answer. */
export async function reachOf(
  env: IssuerEnv,
  { shard, epoch, seq }: Pick<EffectQuery, 'shard' | 'epoch' | 'seq'>,
): Promise<Reach> {
  try {
    return await revocationLog(env, shard).reachOf({ epoch, seq });
  } catch (error) {
    report('feed.unreached', { shard, why: String(error) });
    return NONE_SEEN;
  }
}
