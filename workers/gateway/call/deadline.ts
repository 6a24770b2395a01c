import { readClock } from '../../../src/clock.ts';

/** How long a server may take. */
export interface Patience {
  /** Without a sign of progress. */
  readonly milliseconds: number;
  /** With progress. */
  readonly millisecondsMax: number;
}

/** Ends a request to a server that takes too long. Progress postpones it, within a bound. */
export class Deadline {
  readonly #abort = new AbortController();
  readonly #patience: Patience;
  readonly #latest: number;
  #timer: ReturnType<typeof setTimeout>;

  constructor(patience: Patience) {
    this.#patience = patience;
    this.#latest = readClock() + patience.millisecondsMax;
    this.#timer = this.#wait(Math.min(patience.milliseconds, patience.millisecondsMax));
  }

  /** Aborted when the time is up, and by `end`. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The server made progress: it may take as long again. */
  extend(milliseconds: number = this.#patience.milliseconds): void {
    if (this.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = this.#wait(Math.min(milliseconds, Math.max(0, this.#latest - readClock())));
  }

  /** The server asks the agent, and a person may have to answer: waits up to the bound. */
  extendToBound(): void {
    this.extend(this.#patience.millisecondsMax);
  }

  /** Stops the clock. Call it once the answer was read to its end: ending nothing has a price. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Ends what is left of the request. Call it once nothing more is read. */
  end(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #wait(milliseconds: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#abort.abort(), milliseconds);
  }
}
