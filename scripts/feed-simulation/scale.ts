/** What a deployment of the feed is asked to carry, and how it is set up. */
export interface FeedScale {
  /** Workflows that begin in a day. */
  readonly workflows: number;
  /** Of them, how many are stopped before their tokens end: each is an entry of the log. */
  readonly stoppedShare: number;
  /** Life of a token: an entry lives for what is left of it when it is written, and 60 s. */
  readonly tokenSeconds: number;
  /** Copies of the feed: isolates and processes. */
  readonly verifiers: number;
  /** Data centres that they run in, each with a cache of its own. */
  readonly locations: number;
  /** Requests a second at one verifier: a Worker looks for a newer head after a response. */
  readonly requests: number;
  /** How long a verifier leaves the log alone after it asked. */
  readonly pollMilliseconds: number;
  /** How long a location hands out one head before it asks for the next; 0: it keeps none. */
  readonly cacheMilliseconds: number;
  /** Whether a location keeps deltas and snapshots as well, where it keeps heads: 1, or 0. */
  readonly keepsDeltas: number;
  /** Objects between the log and their part of the locations, which ask once for all of it. */
  readonly relays: number;
  /** Logs over which the workflows are split; every verifier follows all of them. */
  readonly shards: number;
  /** Of the verifiers, how many hold a socket instead of polling. */
  readonly socketShare: number;
  /** Questions a second at one verifier that must go to the log itself: calls of tier 3. */
  readonly synchronous: number;
  /** Times a day that a verifier starts with nothing and loads a snapshot. */
  readonly starts: number;
  /** Of the verifiers, how many say how far they are. */
  readonly confirmShare: number;
  /** Least time between two such confirmations of one verifier; 0: one with every step. */
  readonly confirmSeconds: number;
  /** To the log and back, from a location or a relay. */
  readonly roundTripMilliseconds: number;
  /** Simulated after a minute that is not counted. */
  readonly seconds: number;
  readonly seed: number;
}

/** As the code is set up, under the load that docs/explanation/scale.md is about. */
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

/** Entries a second in one of the logs. */
export const entriesPerSecond = (scale: FeedScale): number =>
  (scale.workflows * scale.stoppedShare) / 86_400 / scale.shards;
