import { CONFIRM_POLL_MILLISECONDS, CONFIRM_WAIT_SECONDS_MAX } from '../../../src/limits.ts';
import { TIERS } from '../../../src/verifier/index.ts';
import { type IssuerEnv, revocationLog } from '../platform/config.ts';
import type { Reach } from './confirmations.ts';

/** What an entry of the log does, as its operator is told. */
export interface Effect {
  /**
   * By when every verifier refuses on a route of tier 1 and above, RFC 3339: one that has not heard
   * by then holds a head that is too old, and asks or denies.
   */
  readonly effective_by: string;
  /** The same for each tier; of tier 0 the end of the last token, where it is known. */
  readonly by_tier: Readonly<Record<'0' | '1' | '2' | '3', string | null>>;
  readonly verifiers: Reach;
}

export interface EffectOf {
  readonly shard: number;
  readonly epoch: number;
  readonly seq: number;
  /** Unix seconds after which no token is left that it stops; undefined where that is not known. */
  readonly expires?: number | undefined;
  /** How long the answer may wait for verifiers to confirm. */
  readonly waitSeconds: number;
}

/** Waits for those verifiers that were heard of lately, but never longer than was asked for. */
export async function effectOf(
  env: IssuerEnv,
  { shard, epoch, seq, expires, waitSeconds }: EffectOf,
): Promise<Effect> {
  const now = Math.floor(Date.now() / 1000);
  const after = (seconds: number): string => new Date((now + seconds) * 1000).toISOString();
  const log = revocationLog(env, shard);
  let verifiers = await log.reachOf({ epoch, seq });
  const waits = Math.ceil((waitSeconds * 1000) / CONFIRM_POLL_MILLISECONDS);
  for (let wait = 0; wait < waits && verifiers.waiting.length > 0; wait++) {
    await new Promise((passed) => setTimeout(passed, CONFIRM_POLL_MILLISECONDS));
    verifiers = await log.reachOf({ epoch, seq });
  }
  return {
    effective_by: after(TIERS[1].headSecondsMax),
    by_tier: {
      0: expires === undefined ? null : new Date(expires * 1000).toISOString(),
      1: after(TIERS[1].headSecondsMax),
      2: after(TIERS[2].headSecondsMax),
      3: after(0), // It asks the log every time.
    },
    verifiers,
  };
}

/** `?wait=SECONDS` of a route that revokes; 0 without it, and for what is no number of seconds. */
export function readWait(url: string): number {
  const text = new URL(url).searchParams.get('wait') ?? '0';
  return /^\d{1,2}$/.test(text) ? Math.min(Number(text), CONFIRM_WAIT_SECONDS_MAX) : 0;
}
