const FEED_RETRY_MILLISECONDS_MAX = 5_000; // As long as a question may take to fail.

/** A question that has ended, at `since` on the clock of `performance.now()`. */
export interface EndedRefresh<E> {
  readonly since: number;
  /** Undefined where it was answered. */
  readonly error: E | undefined;
}

/**
 * Remembers that the log did not answer, so that not every call finds it out for itself, and that
 * the log is not met by all of them when it is back. While an outage is known, one question at a
 * time finds out whether it is over.
 *
 * A failure is remembered for as long as it took, and longer with each further one. The time is
 * drawn, because many verifiers see one outage begin at the same moment. No wall clock counts.
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

  /** Why the log is not asked now; undefined where it is. */
  refusal(isAsked: boolean): E | undefined {
    return isAsked || performance.now() < this.#until ? this.#error : undefined;
  }

  note({ since, error }: EndedRefresh<E>): void {
    if (error === undefined) {
      this.#answeredSince = Math.max(since, this.#answeredSince);
      this.#error = undefined;
      this.#failures = 0;
      return;
    }
    // A younger question was answered: it was this one that was lost, and not the log.
    if (since < this.#answeredSince) return;
    const now = performance.now();
    const backoff = this.#millisecondsMin * 2 ** this.#failures;
    const took = this.#millisecondsMin === 0 ? 0 : now - since;
    const pause = Math.min(Math.max(backoff, took), FEED_RETRY_MILLISECONDS_MAX);
    this.#error = error;
    this.#failures = Math.min(this.#failures + 1, 16);
    this.#until = now + pause * (0.5 + Math.random() / 2);
  }

  /** Something else was heard of the log: the next caller asks. */
  allowRetry(): void {
    this.#until = 0;
  }
}
