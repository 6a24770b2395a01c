import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { requestFor, type SentNotice, type Target } from '../../../src/notices/index.ts';
import { afterPush, type PushOutcome } from '../../../src/signals/index.ts';
import type { NoticeQueue, QueuedNotice } from './queue.ts';

/** A receiver that takes longer has failed. */
const SEND_MILLISECONDS_MAX = 10_000;
/** Of one target, in one run. */
const SENDS_PER_RUN_MAX = 32;
/** When a delivery is retried whose outcome was lost with its object. */
const LOST_MILLISECONDS = SEND_MILLISECONDS_MAX + 5_000;
/** Statuses with which a receiver says that it would take the message later. */
const LATER: readonly number[] = [408, 425, 429];

/**
 * Delivers the notices of each target in order. No target waits for another, and a target that is
 * being served is left alone.
 */
export class Deliveries {
  readonly #queue: NoticeQueue;
  readonly #issuer: () => string;
  readonly #running = new Set<string>();

  constructor(queue: NoticeQueue, issuer: () => string) {
    this.#queue = queue;
    this.#issuer = issuer;
  }

  /** Runs once. Ends in bounded time, whatever the receivers do. Never rejects. */
  async run(targets: readonly Target[], now: UnixMilliseconds): Promise<void> {
    this.#queue.dropOld(targets, now);
    const due = this.#queue.dueTargets(now).filter(({ name }) => !this.#running.has(name));
    await Promise.allSettled(
      due.map(async ({ name, failures }) => {
        const target = targets.find((one) => one.name === name);
        if (!target) return;
        this.#running.add(name);
        this.#queue.note(name, { failures, due: now + LOST_MILLISECONDS });
        try {
          this.#queue.note(name, await this.#deliverTo(target, failures));
        } finally {
          this.#running.delete(name);
        }
      }),
    );
  }

  /**
   * A notice is deleted only after its receiver has acknowledged it, so a crash in between sends it
   * twice, with the same id.
   */
  async #deliverTo(target: Target, before: number) {
    let failures = before;
    let fault: string | undefined;
    for (let count = 0; count < SENDS_PER_RUN_MAX; count++) {
      const queued = this.#queue.next(target.name, readClock());
      if (!queued) break;
      const outcome = await send(target, asSent(queued), this.#issuer());
      const now = readClock();
      const after = afterPush(outcome, { failures, refusals: queued.refusals }, now);
      fault = outcome.kind === 'accepted' ? undefined : outcome.why;
      if (after.next === 'stream_waits') {
        return { failures: failures + 1, due: after.until, ...(fault && { fault }) };
      }
      failures = 0;
      if (after.next === 'event_waits') this.#queue.postpone(queued, after.until);
      else this.#queue.remove(queued);
      if (after.next === 'drop') this.#queue.countDropped(target.name, 1, 'refused');
      if (after.next === 'forget') this.#queue.noteDelivered(target.name, now);
    }
    return { failures, due: 0, ...(fault && { fault }) };
  }
}

const asSent = ({ id, at, notice }: QueuedNotice): SentNotice => ({ ...notice, id, at });

/** Sends one message. A redirect is a failure: the operator named exactly this URL. */
async function send(target: Target, notice: SentNotice, issuer: string): Promise<PushOutcome> {
  try {
    const { url, headers, body } = await requestFor(target, notice, { issuer, now: readClock() });
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers,
      body,
      signal: AbortSignal.timeout(SEND_MILLISECONDS_MAX),
    });
    await response.body?.cancel();
    return outcomeOf(response.status);
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    return { kind: 'failed', why: isLate ? 'timeout' : 'unreachable' };
  }
}

/** The text of an answer is not read: it could contain the secret of the target. */
export function outcomeOf(status: number): PushOutcome {
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  const why = `http_${status}`;
  const isRefusal = status >= 400 && status < 500 && !LATER.includes(status);
  return { kind: isRefusal ? 'refused' : 'failed', why };
}
