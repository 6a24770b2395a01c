import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { SIGNAL_PUSH_MILLISECONDS_MAX } from '../../../src/limits.ts';
import { afterPush, PUSH } from '../../../src/signals/index.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { type Endpoint, pushSet } from './push-set.ts';
import type { SignalQueue } from './queue.ts';
import { signSet } from './sign.ts';

const SIGNAL_PUSHES_PER_RUN_MAX = 32; // Of one stream, in one run of the alarm.
/** How long one run of the alarm waits for its pushes. A slower push continues without it. */
const PUSH_RUN_MILLISECONDS = 2_000;
/** When a push is retried whose outcome was lost with its object. */
const LOST_MILLISECONDS = SIGNAL_PUSH_MILLISECONDS_MAX + 5_000;

export interface PushRunnerOptions {
  readonly sql: SqlStorage;
  readonly queue: SignalQueue;
  readonly env: IssuerEnv;
  /** Drops events that are too old, before a stream is pushed. */
  readonly dropOld: (stream: string) => void;
  /** Counts the events of a stream that its receiver rejected. */
  readonly countRejected: (stream: string, count: number) => void;
  /** Sets the alarm for what is due next. */
  readonly schedule: () => Promise<void>;
}

/**
 * Pushes the queued events of each stream. No stream waits for another: a run starts every stream
 * that is due and not already being pushed, waits two seconds, and leaves a slow receiver to finish
 * on its own.
 */
export class PushRunner {
  readonly #options: PushRunnerOptions;
  readonly #running = new Set<string>();

  constructor(options: PushRunnerOptions) {
    this.#options = options;
  }

  /** Runs once. Ends in bounded time, whatever the receivers do. */
  async run(now: UnixMilliseconds): Promise<void> {
    const due = this.#options.sql
      .exec(
        `SELECT * FROM stream WHERE method = ? AND due <= ?
         AND (status = 'enabled'
           OR EXISTS (SELECT 1 FROM event WHERE stream = stream.id AND always = 1))`,
        ...[PUSH, now],
      )
      .toArray()
      .filter(({ id }) => !this.#running.has(String(id)));
    const pushes = due.map((row) => this.#push(row, now));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((passed) => {
      timer = setTimeout(passed, PUSH_RUN_MILLISECONDS);
    });
    await Promise.race([Promise.allSettled(pushes), timeout]);
    clearTimeout(timer);
  }

  async #push(row: Record<string, SqlStorageValue>, now: UnixMilliseconds): Promise<void> {
    const { sql, queue, env, dropOld, countRejected, schedule } = this.#options;
    const id = String(row.id);
    this.#running.add(id);
    dropOld(id);
    // The stream is not due while this runs. If this object ends first, it becomes due again.
    sql.exec('UPDATE stream SET due = ? WHERE id = ?', now + LOST_MILLISECONDS, id);
    try {
      const pushed = await pushQueue(queue, {
        id,
        env,
        url: String(row.url),
        failures: Number(row.failures),
        until: now + PUSH_RUN_MILLISECONDS,
        ...(row.authorization !== null && { authorization: String(row.authorization) }),
      });
      sql.exec(
        'UPDATE stream SET failures = ?, fault = ?, due = ? WHERE id = ?',
        ...[pushed.failures, pushed.fault ?? null, pushed.due, id],
      );
      countRejected(id, pushed.dropped);
    } finally {
      this.#running.delete(id);
      await schedule();
    }
  }
}

interface PushTarget extends Endpoint {
  readonly id: string;
  readonly env: IssuerEnv;
  /** No further push of this run starts after this time. */
  readonly until: UnixMilliseconds;
  /** Consecutive failures so far. */
  readonly failures: number;
}

interface PushResult {
  readonly failures: number;
  /** The code of the last push, if it failed. */
  readonly fault?: string;
  /** Nothing more may be pushed before this time. */
  readonly due: UnixMilliseconds;
  readonly dropped: number;
}

/**
 * Pushes the events of one stream in order, one at a time, until the stream must wait or the share
 * of this run is used up. An event is deleted only after its receiver has acknowledged it, so a
 * crash in between sends it twice, with the same id.
 */
async function pushQueue(queue: SignalQueue, target: PushTarget): Promise<PushResult> {
  let { failures } = target;
  let fault: string | undefined;
  let dropped = 0;
  for (let count = 0; count < SIGNAL_PUSHES_PER_RUN_MAX; count++) {
    const event = queue.next(target.id, readClock());
    // The count bounds the loop as well, because a clock that is set back never reaches `until`.
    if (!event || (count > 0 && readClock() >= target.until)) break;
    const outcome = await pushSet(target, await signSet(target.env, event.claims));
    const after = afterPush(outcome, { failures, refusals: event.refusals }, readClock());
    fault = outcome.kind === 'accepted' ? undefined : outcome.why;
    if (after.next === 'stream_waits') {
      return { failures: failures + 1, due: after.until, dropped, ...(fault && { fault }) };
    }
    failures = 0;
    if (after.next === 'event_waits') queue.postpone(event, after.until);
    else if (queue.remove(target.id, [event.claims.jti]) > 0 && after.next === 'drop') dropped += 1;
  }
  return { failures, due: 0, dropped, ...(fault && { fault }) };
}
