import { FEED_DELTA_ENTRIES_MAX } from '../../src/limits.ts';
import { Count, SimulatedCache, SimulatedLog, type Source } from './caches.ts';
import type { Random } from './random.ts';
import { entriesPerSecond, type FeedScale } from './scale.ts';
import { appendTimes, countUntil, pollTimes } from './times.ts';

/** From the cache of the verifier's own data centre. */
const NEAR_SECONDS = 0.005;
/** Not counted: caches fill, and verifiers desynchronize. */
const WARM_SECONDS = 10;
/** How many revocations are timed, at every verifier. */
const WATCHED = 40;

export interface PollingResult {
  /** Requests per second at one log. */
  readonly heads: number;
  readonly deltas: number;
  /** Requests per second at all relays together. */
  readonly relayed: number;
  /** Polls per second of one verifier. */
  readonly polls: number;
  /** How often a second one verifier applies new entries. */
  readonly steps: number;
  /** Seconds from each revocation to its denial at each verifier, ascending. */
  readonly delays: Float64Array;
}

/** Simulates verifiers that poll one log, each through the cache of its location. */
export function simulatePolling(scale: FeedScale, random: Random): PollingResult {
  const end = WARM_SECONDS + scale.seconds;
  const counted = () => new Count(WARM_SECONDS, end);
  const [heads, deltas, relayed] = [counted(), counted(), counted()];
  const log = new SimulatedLog(scale.roundTripMilliseconds / 1_000, { heads, deltas });
  const count = Math.round(scale.verifiers * (1 - scale.socketShare));
  const after = end + secondsUntilSeen(scale);
  const appended = appendTimes(entriesPerSecond(scale), after + 1, random);
  const watched = Float64Array.from(
    { length: WATCHED },
    () => WARM_SECONDS + random.uniform() * scale.seconds,
  ).sort();
  const sources = locationsOf(scale, log, relayed);
  const verifiers = Array.from(
    { length: count },
    (_, index) => new PollingVerifier(sources[index % sources.length] ?? log, appended, watched),
  );
  const polls = counted();
  for (const { at, verifier } of pollTimes(scale, count, after, random)) {
    polls.note(at);
    verifiers[verifier]?.poll(at);
  }
  const each = scale.seconds * Math.max(1, count);
  const steps = verifiers.reduce((sum, verifier) => sum + verifier.stepsUntil(end), 0);
  return {
    heads: heads.total / scale.seconds,
    deltas: deltas.total / scale.seconds,
    relayed: relayed.total / scale.seconds,
    polls: polls.total / each,
    steps: steps / each,
    delays: Float64Array.from(verifiers.flatMap(({ delays }) => delays)).sort(),
  };
}

/**
 * Returns the cache of each location, in front of the relays, in front of the log. A location's
 * cache lets requests through until it has an answer, as Cloudflare's does. A relay is one object,
 * which asks once.
 */
function locationsOf(scale: FeedScale, log: SimulatedLog, requests: Count): readonly Source[] {
  const seconds = scale.cacheMilliseconds / 1_000;
  if (seconds === 0) return [log];
  // A nearby relay is a fifth of the way to the log.
  const near = scale.roundTripMilliseconds / 5_000;
  const relay = () =>
    new SimulatedCache(log, { seconds, near, isOneAtATime: true, keepsDeltas: true, requests });
  const relays = Array.from({ length: scale.relays }, relay);
  return Array.from({ length: scale.locations }, (_, index) => {
    const source = relays[index % Math.max(1, relays.length)] ?? log;
    const keepsDeltas = scale.keepsDeltas === 1;
    const options = { seconds, near: NEAR_SECONDS, isOneAtATime: false, keepsDeltas };
    return new SimulatedCache(source, options);
  });
}

/** Polling continues after the last revocation until every verifier has seen it. */
const secondsUntilSeen = (scale: FeedScale): number =>
  2 + (2 * scale.cacheMilliseconds + scale.pollMilliseconds) / 1_000 + 10 / scale.requests;

class PollingVerifier {
  readonly delays: number[] = [];
  readonly #source: Source;
  readonly #appended: Float64Array;
  readonly #watched: Float64Array;
  readonly #steps: number[] = [];
  #signed = 0;
  #seq = -1;
  #seen = 0;

  constructor(source: Source, appended: Float64Array, watched: Float64Array) {
    this.#source = source;
    this.#appended = appended;
    this.#watched = watched;
  }

  poll(now: number): void {
    const { signed, arrives } = this.#source.head(now);
    if (signed <= this.#signed) return;
    const seq = countUntil(this.#appended, signed);
    const applied = this.#seq < 0 ? arrives : this.#follow(seq, now, arrives);
    for (let time = this.#watched[this.#seen]; time !== undefined && time <= signed; ) {
      this.delays.push(applied - time);
      this.#seen += 1;
      time = this.#watched[this.#seen];
    }
    this.#signed = signed;
    this.#seq = seq;
  }

  /** Requests deltas up to the head, split at multiples of 1,024, as `FeedClient` does. */
  #follow(seq: number, now: number, arrives: number): number {
    let arrived = arrives;
    if (seq > this.#seq) this.#steps.push(now);
    for (let from = this.#seq; from < seq; ) {
      const next = (Math.floor(from / FEED_DELTA_ENTRIES_MAX) + 1) * FEED_DELTA_ENTRIES_MAX;
      const to = Math.min(next, seq);
      arrived = this.#source.delta(from, to, arrived);
      from = to;
    }
    return arrived;
  }

  stepsUntil(end: number): number {
    return this.#steps.filter((at) => at >= WARM_SECONDS && at < end).length;
  }
}
