/** The load on a feed, and its configuration. */
export interface FeedScale {
  /** Workflows that begin in a day. */
  readonly workflows: number;
  /** The share of them that is stopped before their tokens end. Each is an entry of the log. */
  readonly stoppedShare: number;
  /** Life of a token. An entry lives for the rest of it, and 60 s more. */
  readonly tokenSeconds: number;
  /** Copies of the feed: isolates and processes. */
  readonly verifiers: number;
  /** Data centres that they run in, each with its own cache. */
  readonly locations: number;
  /** Requests per second at one verifier. A Worker polls after a response. */
  readonly requests: number;
  /** Minimum time between two polls of one verifier. */
  readonly pollMilliseconds: number;
  /** How long a location serves a cached head; 0: it caches none. */
  readonly cacheMilliseconds: number;
  /** Whether a location caches deltas and snapshots as well: 1 or 0. */
  readonly keepsDeltas: number;
  /** Objects between the locations and the log, each of which asks once for its locations. */
  readonly relays: number;
  /** Logs over which the workflows are split; every verifier follows all of them. */
  readonly shards: number;
  /** The share of the verifiers that hold a socket instead of polling. */
  readonly socketShare: number;
  /** Refreshes a second of one verifier that must reach the log: calls of tier 3. */
  readonly synchronous: number;
  /** How often a day a verifier starts with an empty replica and loads a snapshot. */
  readonly starts: number;
  /** The share of the verifiers that confirm their position. */
  readonly confirmShare: number;
  /** Minimum time between two such confirmations of one verifier; 0: one for every step. */
  readonly confirmSeconds: number;
  /** Round trip from a location or a relay to the log. */
  readonly roundTripMilliseconds: number;
  /** Simulated time, after ten seconds that are not counted. */
  readonly seconds: number;
  readonly seed: number;
}

/** The current configuration, under the load of docs/explanation/scale.md. */
export const USUAL: FeedScale = {
  workflows: 10_000_000,
  stoppedShare: 0.01,
  tokenSeconds: 3_600,
  verifiers: 10_000,
  locations: 300,
  requests: 10,
  pollMilliseconds: 1_000,
  cacheMilliseconds: 1_000,
  keepsDeltas: 0,
  relays: 0,
  shards: 1,
  socketShare: 0,
  synchronous: 0,
  starts: 4,
  confirmShare: 1,
  confirmSeconds: 0,
  roundTripMilliseconds: 100,
  seconds: 30,
  seed: 1,
};

/** Returns the entries per second of one log. */
export const entriesPerSecond = (scale: FeedScale): number =>
  (scale.workflows * scale.stoppedShare) / 86_400 / scale.shards;
