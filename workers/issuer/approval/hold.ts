import { readClock, toMilliseconds } from '../../../src/clock.ts';
import { approvals, type IssuerEnv } from '../platform/env.ts';
import { isStopped, openLiveToken, type PresentedToken } from '../token/presented-capability.ts';

/** How often a request that waits looks whether its workflow was stopped. */
const LOOK_MILLISECONDS = 5_000;
/** The answer must reach the agent while its token can still be used. */
const MARGIN_MILLISECONDS = 2_000;

/**
 * Holds a request until a person has answered its question or its workflow was stopped, for up to
 * `seconds`, and never past the end of its token. Returns whether there may be another answer now:
 * the request has to be judged again then, because what it was judged by may have changed.
 */
export async function holdForAnswer(
  id: string,
  { token, expires }: PresentedToken,
  seconds: number,
  env: IssuerEnv,
): Promise<boolean> {
  const latest = Math.min(
    readClock() + seconds * 1000,
    toMilliseconds(expires) - MARGIN_MILLISECONDS,
  );
  const { agent } = token.authority;
  for (let left = latest - readClock(); left > 0; left = latest - readClock()) {
    const slice = Math.min(left, LOOK_MILLISECONDS);
    const waited = await approvals(env).whenAnswered(id, agent, slice);
    if (waited !== 'over') return waited === 'answered';
    if (await isStopped(env, token)) return true;
  }
  return false;
}

/** Whether a token that was held is still good: its proof was used up when it came. */
export const isStillLive = async (env: IssuerEnv, { text, token }: PresentedToken) =>
  (await openLiveToken(env, text, readClock())) !== undefined && !(await isStopped(env, token));
