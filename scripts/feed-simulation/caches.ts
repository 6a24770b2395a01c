/** The answer to a request for the head. All times are in seconds. */
export interface Answer {
  /** When the log signed it. It covers everything appended before. */
  readonly signed: number;
  /** When the verifier has it. */
  readonly arrives: number;
}

/** Answers requests, which arrive in the order of their times. */
export interface Source {
  readonly head: (now: number) => Answer;
  /** Requests the records between two positions. Returns when they arrive. */
  readonly delta: (from: number, to: number, now: number) => number;
}

/** Counts the events between two times. */
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
  readonly #counts: { readonly heads: Count; readonly deltas: Count };

  constructor(roundTrip: number, counts: { readonly heads: Count; readonly deltas: Count }) {
    this.#roundTrip = roundTrip;
    this.#counts = counts;
  }

  head(now: number): Answer {
    this.#counts.heads.note(now);
    return { signed: now + this.#roundTrip / 2, arrives: now + this.#roundTrip };
  }

  delta(_from: number, _to: number, now: number): number {
    this.#counts.deltas.note(now);
    return now + this.#roundTrip;
  }
}

export interface CacheOptions {
  /** For how long a head is served after it arrived. */
  readonly seconds: number;
  /** How long an answer from the cache takes. */
  readonly near: number;
  /** Whether requests wait for an answer that is already on its way. */
  readonly isOneAtATime: boolean;
  /** Whether it caches deltas as well. They are immutable. */
  readonly keepsDeltas: boolean;
  /** Counts the requests to this cache. */
  readonly requests?: Count;
}

/** The cache of a location, or a relay. */
export class SimulatedCache implements Source {
  readonly #source: Source;
  readonly #options: CacheOptions;
  readonly #deltas = new Map<string, number>();
  #cached: Answer | undefined;

  constructor(source: Source, options: CacheOptions) {
    this.#source = source;
    this.#options = options;
  }

  head(now: number): Answer {
    const { seconds, near, isOneAtATime } = this.#options;
    this.#options.requests?.note(now);
    const cached = this.#cached;
    const isFresh = cached !== undefined && now < cached.arrives + seconds;
    if (isFresh && now >= cached.arrives) return { signed: cached.signed, arrives: now + near };
    if (isFresh && isOneAtATime) return cached;
    const { signed, arrives } = this.#source.head(now + near / 2);
    const answer = { signed, arrives: arrives + near / 2 };
    // Of several answers on their way, the first one is cached.
    if (!isFresh) this.#cached = answer;
    return answer;
  }

  delta(from: number, to: number, now: number): number {
    const { near, isOneAtATime, keepsDeltas } = this.#options;
    this.#options.requests?.note(now);
    if (!keepsDeltas) return this.#source.delta(from, to, now + near / 2) + near / 2;
    const name = `${from}-${to}`;
    const cachedAt = this.#deltas.get(name);
    if (cachedAt !== undefined && cachedAt <= now) return now + near;
    if (cachedAt !== undefined && isOneAtATime) return cachedAt;
    const arrives = this.#source.delta(from, to, now + near / 2) + near / 2;
    this.#deltas.set(name, Math.min(cachedAt ?? arrives, arrives));
    return arrives;
  }
}
