export interface FlightOptions {
  /** How long one caller waits, for its own run or another's. */
  readonly millisecondsMax: number;
  /** The age at which a run that has not ended no longer blocks the next one. */
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
 * Runs one operation at a time and shares its value between all callers.
 *
 * Callers share the value and never the promise. On Workers, a promise belongs to the request that
 * created it: when that client disconnects, the run never ends, and the runtime cancels other
 * requests that wait for it. So each caller polls for the value with its own timers, and starts the
 * next run itself if none arrives.
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
   * Returns the value of the run under way, or of a new one. That run may have begun before this
   * call: use `joinNext` if the value must reflect what happened before the call. Returns undefined
   * if no run ends in time.
   */
  join(): Promise<T | undefined> {
    return this.#take(this.#running ? this.#running.number - 1 : this.#begun);
  }

  /** Returns the value of a run that begins after this call, or undefined if none ends in time. */
  joinNext(): Promise<T | undefined> {
    return this.#take(this.#begun);
  }

  /** Returns the value of the first run with a number above `after`. */
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
      // A run that was abandoned early still counts as under way, or a flood of calls would start a
      // flood of runs.
      const age = performance.now() - run.since;
      if (age >= this.#patienceMilliseconds - LOOK_MILLISECONDS_MAX) this.#end(run);
    }
  }

  /** Records the result of a run even after its caller gave up: others may still need it. */
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

  /** A run that ends late never replaces one that began after it. */
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
