import { readClock } from '../../../src/clock.ts';
import { afterPush } from '../../../src/signals/index.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { type Endpoint, pushSet } from './push-set.ts';
import type { SignalQueue } from './queue.ts';
import { signSet } from './sign.ts';

const SIGNAL_PUSHES_PER_RUN_MAX = 32; // Of one stream, in one run of the alarm.

export interface PushTarget extends Endpoint {
  readonly id: string;
  readonly env: IssuerEnv;
  /** Unix milliseconds after which no further push of this run begins. */
  readonly until: number;
  /** Pushes in a row that did not go through until now. */
  readonly failures: number;
}

export interface Pushed {
  readonly failures: number;
  /** Code of the last push that did not go through; absent where the last one did. */
  readonly fault?: string;
  /** Unix milliseconds before which nothing more is to be pushed. */
  readonly due: number;
  readonly dropped: number;
}

/**
 * Pushes what waits, in order and one at a time, until the stream has to wait or a run's share is
 * through. An event is forgotten only after its receiver has answered that it has it, so a crash in
 * between sends it twice, with one id.
 */
export async function pushQueue(queue: SignalQueue, target: PushTarget): Promise<Pushed> {
  let { failures } = target;
  let fault: string | undefined;
  let dropped = 0;
  for (let count = 0; count < SIGNAL_PUSHES_PER_RUN_MAX; count++) {
    const event = queue.next(target.id, readClock());
    // A clock that was set back would leave time without end; the count bounds it, too.
    if (!event || (count > 0 && readClock() >= target.until)) break;
    const outcome = await pushSet(target, await signSet(target.env, event.claims));
    const after = afterPush(outcome, { failures, refusals: event.refusals }, readClock());
    fault = outcome.kind === 'accepted' ? undefined : outcome.why;
    if (after.next === 'stream_waits') {
      return { failures: failures + 1, due: after.until, dropped, ...(fault && { fault }) };
    }
    failures = 0;
    if (after.next === 'event_waits') queue.postpone(event, after.until);
    else if (queue.forget(target.id, [event.claims.jti]) > 0 && after.next === 'drop') dropped += 1;
  }
  return { failures, due: 0, dropped, ...(fault && { fault }) };
}
