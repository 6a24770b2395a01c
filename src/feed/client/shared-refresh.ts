import { type Result, refuse } from '../../result.ts';
import { SingleFlight } from '../../single-flight.ts';
import type { Head } from '../format/head.ts';
import { OutageBackoff } from './outage-backoff.ts';
import type { RefreshError } from './refresh-error.ts';

export { reportFailure } from './refresh-error.ts';

const FEED_PATIENCE_MILLISECONDS = 1_000; // After this, a refresh counts as lost and another starts.

type Answer = Result<Head, RefreshError>;

export interface SharedRefreshOptions {
  readonly millisecondsMax: number;
  /** For how long the first failure is remembered. */
  readonly retryMilliseconds: number;
  /** Receives a failure of a caller whose refresh never ended. */
  readonly onLost: (answer: Answer) => void;
}

/**
 * Shares refreshes between the callers of one client. A caller gets the answer of a refresh that
 * started after the call. After a failure, callers are refused at once until one of them finds out
 * that the log is back.
 */
export class SharedRefresh {
  readonly #flight: SingleFlight<Answer>;
  readonly #backoff: OutageBackoff<RefreshError>;
  readonly #onLost: (answer: Answer) => void;

  constructor(
    refresh: () => Promise<Answer>,
    { millisecondsMax, retryMilliseconds, onLost }: SharedRefreshOptions,
  ) {
    this.#onLost = onLost;
    const patienceMilliseconds = Math.min(millisecondsMax, FEED_PATIENCE_MILLISECONDS);
    this.#flight = new SingleFlight(() => this.#run(refresh), {
      millisecondsMax,
      patienceMilliseconds,
    });
    this.#backoff = new OutageBackoff(retryMilliseconds);
  }

  async refresh(): Promise<Answer> {
    const known = this.#backoff.refusal(this.#flight.isUnderWay);
    if (known) return refuse(known);
    const since = performance.now();
    const answer = await this.#flight.joinNext();
    if (answer) return answer;
    const error: RefreshError = { code: 'feed_unreachable', why: 'TimeoutError' };
    this.#backoff.note({ since, error });
    this.#onLost(refuse(error));
    return refuse(error);
  }

  /** Lets the next caller through, because another request has reached the log. */
  allowRetry(): void {
    this.#backoff.allowRetry();
  }

  async #run(refresh: () => Promise<Answer>): Promise<Answer> {
    const since = performance.now();
    const answer = await refresh();
    if (answer.ok) this.#backoff.note({ since, error: undefined });
    // An unreadable floor is a local failure: the log was not asked.
    else if (answer.error.code !== 'floor_unreadable') this.#backoff.note({ since, ...answer });
    return answer;
  }
}
