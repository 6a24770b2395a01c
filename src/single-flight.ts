export interface FlightOptions {
  /** How long one caller waits, for a run of its own or of another. */
  readonly millisecondsMax: number;
  /** After how long a run that has not ended no longer keeps the next one from beginning. */
  readonly patienceMilliseconds?: number;
}

interface Run {
  /** Runs are numbered in the order in which they begin. */
  readonly number: number;
  readonly since: number;
}

type Ended<T> = { readonly number: number } & (
  | { readonly value: T }
  | { readonly thrown: unknown }
);

const LOOK_MILLISECONDS_MAX = 10; // Between two looks of a caller that waits for another's run.

/**
 * One run at a time, whose value all callers share.
 *
 * They share the value and never its promise. On Workers a promise belongs to the request that made
 * it: when that client hangs up, the run never ends, and the runtime cancels other requests that
 * wait for it. So each caller looks for the value by timers of its own, and where none comes it
 * begins the next run itself.
 *
 * At most `millisecondsMax / patienceMilliseconds` runs, rounded up, are under way at once.
 */
export class SingleFlight<T> {
  readonly #run: () => Promise<T>;
  readonly #millisecondsMax: number;
  readonly #patienceMilliseconds: number;
  #begun = 0;
  #running: Run | undefined;
  #ended: Ended<T> | undefined;

  constructor(run: () => Promise<T>, options: number | FlightOptions) {
    const { millisecondsMax, patienceMilliseconds = millisecondsMax } =
      typeof options === 'number' ? { millisecondsMax: options } : options;
    this.#run = run;
    this.#millisecondsMax = millisecondsMax;
    this.#patienceMilliseconds = patienceMilliseconds;
  }

  /** Whether a run is under way that the next one waits for. */
  get isUnderWay(): boolean {
    const running = this.#running;
    return running !== undefined && performance.now() - running.since < this.#patienceMilliseconds;
  }

  /**
   * The value of the run under way, or of a new one. It may be of before this call: use `joinNext`
   * where what happened before the call must be in the value. Undefined where no run ends in time.
   */
  join(): Promise<T | undefined> {
    return this.#take(this.#running ? this.#running.number - 1 : this.#begun);
  }

  /** The value of a run that begins after this call. Undefined where none ends in time. */
  joinNext(): Promise<T | undefined> {
    return this.#take(this.#begun);
  }

  /** The value of the first run with a number above `after`. */
  async #take(after: number): Promise<T | undefined> {
    const until = performance.now() + this.#millisecondsMax;
    for (let pause = 0; ; pause = Math.min(2 * pause + 1, LOOK_MILLISECONDS_MAX)) {
      if (this.#ended && this.#ended.number > after) return outcomeOf(this.#ended);
      const left = until - performance.now();
      if (left <= pause) return undefined;
      if (!this.isUnderWay) return this.#begin(left);
      await new Promise((passed) => setTimeout(passed, pause));
    }
  }

  async #begin(milliseconds: number): Promise<T | undefined> {
    this.#begun += 1;
    const run: Run = { number: this.#begun, since: performance.now() };
    this.#running = run;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const givenUp = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, milliseconds, undefined);
    });
    try {
      return await Promise.race([this.#record(run), givenUp]);
    } finally {
      clearTimeout(timer);
      // One that was given up on early still counts as under way, or a flood would begin a flood.
      const age = performance.now() - run.since;
      if (age >= this.#patienceMilliseconds - LOOK_MILLISECONDS_MAX) this.#end(run);
    }
  }

  /** What a run comes to, also after its caller has given it up: others may still want it. */
  async #record(run: Run): Promise<T> {
    const { number } = run;
    try {
      const value = await this.#run();
      this.#keep({ number, value });
      return value;
    } catch (thrown) {
      this.#keep({ number, thrown });
      throw thrown;
    } finally {
      this.#end(run);
    }
  }

  /** A run that ends late never takes the place of one that began after it. */
  #keep(ended: Ended<T>): void {
    if (!this.#ended || ended.number > this.#ended.number) this.#ended = ended;
  }

  #end(run: Run): void {
    if (this.#running === run) this.#running = undefined;
  }
}

function outcomeOf<T>(ended: Ended<T>): T {
  if ('thrown' in ended) throw ended.thrown;
  return ended.value;
}
