import { SIGNAL_PUSH_MILLISECONDS_MAX } from '../../../src/limits.ts';
import { PUSH } from '../../../src/signals/index.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { pushQueue } from './push-queue.ts';
import type { SignalQueue } from './queue.ts';

/** How long one run of the alarm waits for its pushes; a slower one goes on without it. */
export const PUSH_RUN_MILLISECONDS = 2_000;
/** After which a push whose end was lost, with its object, is tried again. */
const LOST_MILLISECONDS = SIGNAL_PUSH_MILLISECONDS_MAX + 5_000;

export interface PushRunnerOptions {
  readonly sql: SqlStorage;
  readonly queue: SignalQueue;
  readonly env: IssuerEnv;
  /** Forgets what is too old to be of use, before a stream is pushed. */
  readonly forgetOld: (stream: string) => void;
  /** Says how many events of a stream its receiver would not take. */
  readonly refused: (stream: string, count: number) => void;
  /** Sets the alarm to what is due next. */
  readonly wake: () => Promise<void>;
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

  /** One run; it ends in bounded time, whatever the receivers do. */
  async run(now: number): Promise<void> {
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
    const isLongEnough = new Promise<void>((passed) => {
      timer = setTimeout(passed, PUSH_RUN_MILLISECONDS);
    });
    await Promise.race([Promise.allSettled(pushes), isLongEnough]);
    clearTimeout(timer);
  }

  async #push(row: Record<string, SqlStorageValue>, now: number): Promise<void> {
    const { sql, queue, env, forgetOld, refused, wake } = this.#options;
    const id = String(row.id);
    this.#running.add(id);
    forgetOld(id);
    // While it runs, it is not due; and if this object ends before it does, it is due again.
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
      refused(id, pushed.dropped);
    } finally {
      this.#running.delete(id);
      await wake();
    }
  }
}
