import type { Clock } from '../../clock.ts';
import type { Outcome } from './call.ts';
import type { Observation } from './verdict.ts';

export interface Watch {
  readonly call: () => Promise<Outcome>;
  /** Milliseconds since any start. */
  readonly now: Clock;
  /** When the revocation was answered, on the same clock. */
  readonly since: number;
  readonly everyMilliseconds: number;
  /** How long after `since` to give up. */
  readonly giveUpMilliseconds: number;
}

/** Repeats the call until it is denied, or until it is time to give up. */
export async function watch(options: Watch): Promise<Observation> {
  const { call, now, since, everyMilliseconds, giveUpMilliseconds } = options;
  let seen: Observation = { calls: 0, failures: 0 };
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
