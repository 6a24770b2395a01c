import { FEED_DELTA_ENTRIES_MAX } from '../../src/limits.ts';
import { Count, SimulatedCache, SimulatedLog, type Source } from './caches.ts';
import type { Random } from './random.ts';
import { entriesPerSecond, type FeedScale } from './scale.ts';
import { appendTimes, countUntil, pollTimes } from './times.ts';

/** Out of the cache of one's own data centre. */
const NEAR_SECONDS = 0.005;
/** Not counted: caches fill, and verifiers fall out of step. */
const WARM_SECONDS = 10;
/** Revocations whose denials are timed, at every verifier. */
const WATCHED = 40;

export interface Polled {
  /** Requests a second at one log. */
  readonly heads: number;
  readonly deltas: number;
  /** Requests a second at all relays together. */
  readonly relayed: number;
  /** Looks for a newer head a second, of one verifier. */
  readonly polls: number;
  /** Times a second that one verifier moves on to new entries. */
  readonly steps: number;
  /** From a revocation to its denial, seconds, ascending: of each one at every verifier. */
  readonly delays: Float64Array;
}

/** Verifiers that poll one of the logs, each through the cache of its location. */
export function simulatePolling(scale: FeedScale, random: Random): Polled {
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
    (_, at) => new PollingVerifier(sources[at % sources.length] ?? log, appended, watched),
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
 * Every location's own cache, which lets all through until it has an answer, as Cloudflare's does;
 * behind them the relays, each an object that asks once; behind all the log.
 */
function locationsOf(scale: FeedScale, log: SimulatedLog, asked: Count): readonly Source[] {
  const seconds = scale.cacheMilliseconds / 1_000;
  if (seconds === 0) return [log];
  // From a location to a relay near by it is a fifth of the way to the log.
  const near = scale.roundTripMilliseconds / 5_000;
  const relay = () =>
    new SimulatedCache(log, { seconds, near, isOneAtATime: true, keepsDeltas: true, asked });
  const relays = Array.from({ length: scale.relays }, relay);
  return Array.from({ length: scale.locations }, (_, at) => {
    const source = relays[at % Math.max(1, relays.length)] ?? log;
    const keepsDeltas = scale.keepsDeltas === 1;
    const options = { seconds, near: NEAR_SECONDS, isOneAtATime: false, keepsDeltas };
    return new SimulatedCache(source, options);
  });
}

/** After the last revocation there is polling until it is seen everywhere. */
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
    for (let at = this.#watched[this.#seen]; at !== undefined && at <= signed; ) {
      this.delays.push(applied - at);
      this.#seen += 1;
      at = this.#watched[this.#seen];
    }
    this.#signed = signed;
    this.#seq = seq;
  }

  /** Deltas up to the head, cut at every full 1,024, as `src/feed` asks for them. */
  #follow(seq: number, now: number, arrives: number): number {
    let there = arrives;
    if (seq > this.#seq) this.#steps.push(now);
    for (let from = this.#seq; from < seq; ) {
      const next = (Math.floor(from / FEED_DELTA_ENTRIES_MAX) + 1) * FEED_DELTA_ENTRIES_MAX;
      const to = Math.min(next, seq);
      there = this.#source.delta(from, to, there);
      from = to;
    }
    return there;
  }

  stepsUntil(end: number): number {
    return this.#steps.filter((at) => at >= WARM_SECONDS && at < end).length;
  }
}
