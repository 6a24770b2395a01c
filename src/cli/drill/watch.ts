import type { Clock } from '../../clock.ts';
import type { Outcome } from './call.ts';
import type { Seen } from './verdict.ts';

export interface Watched {
  readonly call: () => Promise<Outcome>;
  /** Milliseconds, of any beginning. */
  readonly now: Clock;
  /** When the revocation was answered, on the same clock. */
  readonly since: number;
  readonly everyMilliseconds: number;
  /** How long after `since` it is given up. */
  readonly giveUpMilliseconds: number;
}

/** Calls again and again until a call is denied, or it is given up. */
export async function watch(watched: Watched): Promise<Seen> {
  const { call, now, since, everyMilliseconds, giveUpMilliseconds } = watched;
  let seen: Seen = { calls: 0, failures: 0 };
  for (;;) {
    const sent = now() - since;
    const outcome = await call();
    seen = { ...seen, calls: seen.calls + 1 };
    if (outcome.kind === 'denied') return { ...seen, deniedAt: now() - since, code: outcome.code };
    if (outcome.kind === 'allowed') seen = { ...seen, allowedAt: sent };
    else seen = { ...seen, failures: seen.failures + 1, code: outcome.why };
    if (now() - since >= giveUpMilliseconds) return seen;
    await new Promise((passed) => setTimeout(passed, everyMilliseconds));
  }
}
