const FEED_RETRY_MILLISECONDS_MAX = 5_000; // As long as a refresh may take to fail.
const DOUBLINGS_MAX = 16;

/** A refresh that has ended. `since` is its start on the clock of `performance.now()`. */
export interface EndedRefresh<E> {
  readonly since: number;
  /** Undefined if the log answered. */
  readonly error: E | undefined;
}

/**
 * Remembers that the log did not answer. Without it, every call would wait for its own timeout, and
 * all of them would meet the log when it is back. During an outage, one refresh at a time finds out
 * whether it is over.
 *
 * A failure is remembered for as long as it took, and longer with each further one. The time is
 * drawn at random, because many verifiers see one outage begin at the same moment. It uses no wall
 * clock.
 */
export class OutageBackoff<E> {
  readonly #millisecondsMin: number;
  #error: E | undefined;
  #failures = 0;
  #until = 0;
  #answeredSince = Number.NEGATIVE_INFINITY;

  constructor(millisecondsMin: number) {
    this.#millisecondsMin = millisecondsMin;
  }

  /** Returns why the log is not asked now, or undefined if it is. */
  refusal(isUnderWay: boolean): E | undefined {
    return isUnderWay || performance.now() < this.#until ? this.#error : undefined;
  }

  note({ since, error }: EndedRefresh<E>): void {
    if (error === undefined) {
      this.#answeredSince = Math.max(since, this.#answeredSince);
      this.#error = undefined;
      this.#failures = 0;
      return;
    }
    // A younger refresh was answered, so only this one was lost, and the log is up.
    if (since < this.#answeredSince) return;
    const now = performance.now();
    const backoff = this.#millisecondsMin * 2 ** this.#failures;
    const took = this.#millisecondsMin === 0 ? 0 : now - since;
    const pause = Math.min(Math.max(backoff, took), FEED_RETRY_MILLISECONDS_MAX);
    this.#error = error;
    this.#failures = Math.min(this.#failures + 1, DOUBLINGS_MAX);
    this.#until = now + pause * (0.5 + Math.random() / 2);
  }

  /** Lets the next caller through, because another request has reached the log. */
  allowRetry(): void {
    this.#until = 0;
  }
}
