import { type Result, refuse } from '../../result.ts';
import { SingleFlight } from '../../single-flight.ts';
import type { Head } from '../format/head.ts';
import { OutageBackoff } from './outage-backoff.ts';
import type { RefreshError } from './refresh-error.ts';

export { reportFailure } from './refresh-error.ts';

// A question that takes longer may be of a request that has ended: another one then asks beside it.
const FEED_PATIENCE_MILLISECONDS = 1_000;

type Answer = Result<Head, RefreshError>;

export interface SharedRefreshOptions {
  readonly millisecondsMax: number;
  /** For how long the first failed question is remembered. */
  readonly retryMilliseconds: number;
  readonly lost: (answer: Answer) => void;
}

/**
 * The questions of one client to its log. A caller is answered by a question that was asked after
 * it came; callers share one question at a time. After a failed one, those who come next are
 * refused at once, and one of them finds out whether the log is back.
 */
export class SharedRefresh {
  readonly #flight: SingleFlight<Answer>;
  readonly #backoff: OutageBackoff<RefreshError>;

  readonly #lost: (answer: Answer) => void;

  /** `lost` sees a question that outlasts its bound, whose own end may never come. */
  constructor(
    ask: () => Promise<Answer>,
    { millisecondsMax, retryMilliseconds, lost }: SharedRefreshOptions,
  ) {
    this.#lost = lost;
    const patienceMilliseconds = Math.min(millisecondsMax, FEED_PATIENCE_MILLISECONDS);
    this.#flight = new SingleFlight(() => this.#run(ask), {
      millisecondsMax,
      patienceMilliseconds,
    });
    this.#backoff = new OutageBackoff(retryMilliseconds);
  }

  async ask(): Promise<Answer> {
    const known = this.#backoff.refusal(this.#flight.isUnderWay);
    if (known) return refuse(known);
    const since = performance.now();
    const answer = await this.#flight.joinNext();
    if (answer) return answer;
    const error: RefreshError = { code: 'feed_unreachable', why: 'TimeoutError' };
    this.#backoff.note({ since, error });
    this.#lost(refuse(error));
    return refuse(error);
  }

  /** Something else was heard of the log: the next caller asks. */
  allowRetry(): void {
    this.#backoff.allowRetry();
  }

  async #run(ask: () => Promise<Answer>): Promise<Answer> {
    const since = performance.now();
    const answer = await ask();
    if (answer.ok) this.#backoff.note({ since, error: undefined });
    // The floor is on this side of the way: the log was not asked.
    else if (answer.error.code !== 'floor_unreadable') this.#backoff.note({ since, ...answer });
    return answer;
  }
}
