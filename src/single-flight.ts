/**
 * One run at a time, shared by all who ask while it lasts, and given up on after a bound.
 *
 * On Workers a run belongs to the request that began it: when that client hangs up, its promise
 * never settles. Waited on without a bound, one disconnect would stop every later request of the
 * isolate.
 */
export class SingleFlight<T> {
  readonly #run: () => Promise<T>;
  readonly #millisecondsMax: number;
  #flight: Promise<T> | undefined;

  constructor(run: () => Promise<T>, millisecondsMax: number) {
    this.#run = run;
    this.#millisecondsMax = millisecondsMax;
  }

  /** The value of the run under way, or of a new one; undefined where it outlasts the bound. */
  async join(): Promise<T | undefined> {
    const flight = this.#flight ?? this.#begin();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const givenUp = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, this.#millisecondsMax, undefined);
    });
    try {
      return await Promise.race([flight, givenUp]);
    } finally {
      clearTimeout(timer);
      this.#end(flight);
    }
  }

  #begin(): Promise<T> {
    const flight: Promise<T> = this.#run().finally(() => this.#end(flight));
    this.#flight = flight;
    return flight;
  }

  #end(flight: Promise<T>): void {
    if (this.#flight === flight) this.#flight = undefined;
  }
}
