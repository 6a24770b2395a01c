import { readClock } from '../../../src/clock.ts';
import { CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { TIERS } from '../../../src/verifier/index.ts';
import { type IssuerEnv, revocationLog } from '../platform/config.ts';
import type { Reach } from './confirmations.ts';

const CONFIRM_POLL_MILLISECONDS = 100;

/**
 * How far an entry of the log is known to be: in the feed; confirmed by each verifier that was
 * heard of lately, of which there is one at least; or no longer needed, since no token is alive.
 */
export type StopProgress = 'in_feed' | 'confirmed' | 'ended';

/** What an entry of the log does, as its operator is told. */
export interface Effect {
  readonly standing: StopProgress;
  /**
   * By when every verifier refuses on a route of tier 1 and above, RFC 3339: one that has not heard
   * by then holds a head that is too old, and asks or denies. By the issuer's clock.
   */
  readonly effective_by: string;
  /** The same for each tier; of tier 0 the end of the last token, where it is known. */
  readonly by_tier: Readonly<Record<'0' | '1' | '2' | '3', string | null>>;
  readonly verifiers: Reach;
}

export interface EffectQuery {
  readonly shard: number;
  readonly epoch: number;
  readonly seq: number;
  /** Unix seconds after which no token is left that it stops; undefined where that is not known. */
  readonly expires?: number | undefined;
  /** How long the answer may wait for verifiers to confirm. */
  readonly waitSeconds: number;
}

/**
 * Waits for those verifiers that were heard of lately, and for one to be heard of at all, but never
 * longer than was asked for. The entry is in the feed: nothing that fails here takes that back.
 */
export async function waitForEffect(
  env: IssuerEnv,
  { waitSeconds, expires, ...place }: EffectQuery,
): Promise<Effect> {
  const now = readClock();
  let verifiers = await reachOf(env, place);
  const waits = Math.ceil((waitSeconds * 1000) / CONFIRM_POLL_MILLISECONDS);
  for (let wait = 0; wait < waits && !isConfirmed(verifiers); wait++) {
    await new Promise((passed) => setTimeout(passed, CONFIRM_POLL_MILLISECONDS));
    verifiers = await reachOf(env, place);
  }
  const standing = progressOf(verifiers, expires, readClock());
  return { standing, ...boundsFrom(now, expires), verifiers };
}

/** Nobody is known is not everybody has it. */
const isConfirmed = ({ seen, confirmed }: Reach): boolean => seen > 0 && confirmed === seen;

/** `now` is unix milliseconds. */
export function progressOf(
  verifiers: Reach,
  expires: number | undefined,
  now: number,
): StopProgress {
  if (expires !== undefined && (expires + CLOCK_SKEW_SECONDS_MAX) * 1000 < now) return 'ended';
  return isConfirmed(verifiers) ? 'confirmed' : 'in_feed';
}

/**
 * Never early. `now`, in unix milliseconds, is after the entry was written, so a head without it
 * was issued in this second at the latest. `issued_at` and a verifier's age of it are whole
 * seconds: a head of `s` counts as at most `max` seconds old until `s + max + 1`. How often a
 * verifier polls, and how old a cached head is, is in its age already.
 */
export function boundsFrom(
  now: number,
  expires: number | undefined,
): Pick<Effect, 'effective_by' | 'by_tier'> {
  const second = Math.floor(now / 1000);
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const refusesBy = (tier: 1 | 2): string => at(second + TIERS[tier].headSecondsMax + 1);
  return {
    effective_by: refusesBy(1),
    by_tier: {
      0: expires === undefined ? null : at(expires),
      1: refusesBy(1),
      2: refusesBy(2),
      3: new Date(now).toISOString(), // It asks the log every time, and the log has it.
    },
  };
}

const NOBODY: Reach = { seen: 0, confirmed: 0, waiting: [] };

export async function reachOf(
  env: IssuerEnv,
  { shard, epoch, seq }: Pick<EffectQuery, 'shard' | 'epoch' | 'seq'>,
): Promise<Reach> {
  try {
    return await revocationLog(env, shard).reachOf({ epoch, seq });
  } catch (error) {
    report('feed.unreached', { shard, why: String(error) });
    return NOBODY;
  }
}
