import { type Result, refuse } from '../../result.ts';
import { SingleFlight } from '../../single-flight.ts';
import type { Head } from '../format/head.ts';
import { Outage } from './outage-backoff.ts';
import type { RefreshError } from './refresh-error.ts';

export { reportFailure } from './refresh-error.ts';

// A question that takes longer may be of a request that has ended: another one then asks beside it.
const FEED_PATIENCE_MILLISECONDS = 1_000;

type Answer = Result<Head, RefreshError>;

export interface QuestionOptions {
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
export class Questions {
  readonly #flights: SingleFlight<Answer>;
  readonly #outage: Outage<RefreshError>;

  readonly #lost: (answer: Answer) => void;

  /** `lost` sees a question that outlasts its bound, whose own end may never come. */
  constructor(
    ask: () => Promise<Answer>,
    { millisecondsMax, retryMilliseconds, lost }: QuestionOptions,
  ) {
    this.#lost = lost;
    const patienceMilliseconds = Math.min(millisecondsMax, FEED_PATIENCE_MILLISECONDS);
    this.#flights = new SingleFlight(() => this.#run(ask), {
      millisecondsMax,
      patienceMilliseconds,
    });
    this.#outage = new Outage(retryMilliseconds);
  }

  async ask(): Promise<Answer> {
    const known = this.#outage.refusal(this.#flights.isUnderWay);
    if (known) return refuse(known);
    const since = performance.now();
    const answer = await this.#flights.joinNext();
    if (answer) return answer;
    const error: RefreshError = { code: 'feed_unreachable', why: 'TimeoutError' };
    this.#outage.note({ since, error });
    this.#lost(refuse(error));
    return refuse(error);
  }

  /** Something else was heard of the log: the next caller asks. */
  mayBeBack(): void {
    this.#outage.mayBeOver();
  }

  async #run(ask: () => Promise<Answer>): Promise<Answer> {
    const since = performance.now();
    const answer = await ask();
    if (answer.ok) this.#outage.note({ since, error: undefined });
    // The floor is on this side of the way: the log was not asked.
    else if (answer.error.code !== 'floor_unreadable') this.#outage.note({ since, ...answer });
    return answer;
  }
}
