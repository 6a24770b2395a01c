/** What somebody who asks for the head gets. */
export interface Answer {
  /** When the log signed it: what was appended before is in it. */
  readonly signed: number;
  /** When it is there. */
  readonly arrives: number;
}

/** Answers a question that is put at `now`; questions come in the order of their times. */
export interface Source {
  readonly head: (now: number) => Answer;
  /** The records between two places, which never change; answers when they are there. */
  readonly delta: (from: number, to: number, now: number) => number;
}

/** The log itself, which counts what it is asked between two times. Times are in seconds. */
export class SimulatedLog implements Source {
  heads = 0;
  deltas = 0;
  readonly #roundTrip: number;
  readonly #from: number;
  readonly #until: number;

  constructor(roundTrip: number, from: number, until: number) {
    this.#roundTrip = roundTrip;
    this.#from = from;
    this.#until = until;
  }

  head(now: number): Answer {
    if (now >= this.#from && now < this.#until) this.heads += 1;
    return { signed: now + this.#roundTrip / 2, arrives: now + this.#roundTrip };
  }

  delta(_from: number, _to: number, now: number): number {
    if (now >= this.#from && now < this.#until) this.deltas += 1;
    return now + this.#roundTrip;
  }
}

/**
 * The cache of a location, or a relay. It hands out one head for so long, counted from when it came;
 * who asks while the first answer is on its way goes on to the source, as with Cloudflare's.
 */
export class SimulatedCache implements Source {
  readonly #source: Source;
  readonly #seconds: number;
  readonly #near: number;
  readonly #deltas = new Map<string, number>();
  #held: Answer | undefined;

  /** `near` is how long an answer out of the cache takes. */
  constructor(source: Source, seconds: number, near: number) {
    this.#source = source;
    this.#seconds = seconds;
    this.#near = near;
  }

  head(now: number): Answer {
    const held = this.#held;
    if (held && now >= held.arrives && now < held.arrives + this.#seconds) {
      return { signed: held.signed, arrives: now + this.#near };
    }
    const { signed, arrives } = this.#source.head(now + this.#near / 2);
    const answer = { signed, arrives: arrives + this.#near / 2 };
    // Of several on their way, the cache has the one that came first until it is over.
    if (!held || now >= held.arrives + this.#seconds) this.#held = answer;
    return answer;
  }

  delta(from: number, to: number, now: number): number {
    const name = `${from}-${to}`;
    const there = this.#deltas.get(name);
    if (there !== undefined && there <= now) return now + this.#near;
    const arrives = this.#source.delta(from, to, now + this.#near / 2) + this.#near / 2;
    this.#deltas.set(name, Math.min(there ?? arrives, arrives));
    return arrives;
  }
}
