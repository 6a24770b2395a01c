/** The answer to a request for the head. */
export interface Answer {
  /** When the log signed it; it covers everything appended before. */
  readonly signed: number;
  /** When the verifier has it. */
  readonly arrives: number;
}

/** Answers a question that is put at `now`; questions come in the order of their times. */
export interface Source {
  readonly head: (now: number) => Answer;
  /** The records between two places, which never change; answers when they are there. */
  readonly delta: (from: number, to: number, now: number) => number;
}

/** Counts what happens between two times. Times are in seconds. */
export class Count {
  total = 0;
  readonly #from: number;
  readonly #until: number;

  constructor(from: number, until: number) {
    this.#from = from;
    this.#until = until;
  }

  note(now: number): void {
    if (now >= this.#from && now < this.#until) this.total += 1;
  }
}

/** The log itself. */
export class SimulatedLog implements Source {
  readonly #roundTrip: number;
  readonly #asked: { readonly heads: Count; readonly deltas: Count };

  constructor(roundTrip: number, asked: { readonly heads: Count; readonly deltas: Count }) {
    this.#roundTrip = roundTrip;
    this.#asked = asked;
  }

  head(now: number): Answer {
    this.#asked.heads.note(now);
    return { signed: now + this.#roundTrip / 2, arrives: now + this.#roundTrip };
  }

  delta(_from: number, _to: number, now: number): number {
    this.#asked.deltas.note(now);
    return now + this.#roundTrip;
  }
}

export interface CacheOptions {
  /** How long one head is handed out, from when it came. */
  readonly seconds: number;
  /** How long an answer out of the cache takes. */
  readonly near: number;
  /** Whether who asks while an answer is on its way waits for that one. */
  readonly isOneAtATime: boolean;
  /** Whether it keeps deltas as well, which never change. */
  readonly keepsDeltas: boolean;
  /** What it is asked. */
  readonly asked?: Count;
}

/** The cache of a location, or a relay. */
export class SimulatedCache implements Source {
  readonly #source: Source;
  readonly #options: CacheOptions;
  readonly #deltas = new Map<string, number>();
  #held: Answer | undefined;

  constructor(source: Source, options: CacheOptions) {
    this.#source = source;
    this.#options = options;
  }

  head(now: number): Answer {
    const { seconds, near, isOneAtATime } = this.#options;
    this.#options.asked?.note(now);
    const held = this.#held;
    const isKept = held !== undefined && now < held.arrives + seconds;
    if (isKept && now >= held.arrives) return { signed: held.signed, arrives: now + near };
    if (isKept && isOneAtATime) return held;
    const { signed, arrives } = this.#source.head(now + near / 2);
    const answer = { signed, arrives: arrives + near / 2 };
    // Of several on their way, the first one is kept.
    if (!isKept) this.#held = answer;
    return answer;
  }

  delta(from: number, to: number, now: number): number {
    const { near, isOneAtATime, keepsDeltas } = this.#options;
    this.#options.asked?.note(now);
    if (!keepsDeltas) return this.#source.delta(from, to, now + near / 2) + near / 2;
    const name = `${from}-${to}`;
    const there = this.#deltas.get(name);
    if (there !== undefined && there <= now) return now + near;
    if (there !== undefined && isOneAtATime) return there;
    const arrives = this.#source.delta(from, to, now + near / 2) + near / 2;
    this.#deltas.set(name, Math.min(there ?? arrives, arrives));
    return arrives;
  }
}
