import { readClock } from '../../../src/clock.ts';
import { within } from '../../../src/within.ts';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';

/** The log answers in milliseconds, or is not reachable. */
const MILLISECONDS_MAX = 2_000;

/** Returns the position of the feed and the time that an answer describes. */
export async function asOf(
  env: IssuerEnv,
): Promise<{ readonly epoch?: number; readonly seq?: number; readonly at: string }> {
  const at = new Date(readClock()).toISOString();
  try {
    const { epoch, seq } = await within(revocationLog(env).status(), MILLISECONDS_MAX);
    return { epoch, seq, at };
  } catch {
    return { at };
  }
}
