import {
  FEED_FETCH_MILLISECONDS_MAX,
  FEED_KILLS_MILLISECONDS,
  FEED_POLL_MILLISECONDS,
} from '../limits.ts';
import { callable, type Members, numberFrom, object, optional, readOptions } from '../options.ts';
import { type Result, refuse } from '../result.ts';
import { SingleFlight } from '../single-flight.ts';
import type { FloorMemory, FloorStore } from './floor.ts';
import type { Head } from './head.ts';
import type { FeedError } from './head-order.ts';
import type { KillSource } from './kill-source.ts';
import {
  type FeedHit,
  type FeedQuestion,
  FeedReplica,
  REPLICA_OPTIONS,
  type ReplicaOptions,
  replicaOptions,
} from './replica.ts';

export type RefreshError =
  | FeedError
  | { readonly code: 'feed_unreachable'; readonly why: string }
  | { readonly code: 'feed_malformed' }
  /** What a past life held cannot be read, so nothing can be compared with it. */
  | { readonly code: 'floor_unreadable' };

/** Gets a path of the issuer (`/feed/v2/0/head`), over the network or a service binding. */
export type FeedFetch = (path: string, init: { signal: AbortSignal }) => Promise<Response>;

export interface FeedOptions extends ReplicaOptions {
  readonly fetch: FeedFetch;
  readonly floor?: FloorStore;
  /** Statements of an operator's offline key, which stop whatever they name. */
  readonly kill?: KillSource;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** How long one refresh may take, all its requests together. */
  readonly refreshMilliseconds?: number;
}

export const FEED_OPTIONS: Members<FeedOptions> = {
  ...REPLICA_OPTIONS,
  fetch: callable,
  floor: optional(object),
  kill: optional(object),
  now: optional(callable),
  refreshMilliseconds: optional(numberFrom(1)),
};
const KILL_SOURCE: Members<KillSource> = { key: object, fetch: optional(callable) };

/**
 * Keeps a replica close to the log: `refresh` brings it forward (one at a time, bounded in time and
 * bytes), and whatever fails leaves the last good state, whose age then speaks for itself.
 */
export class FeedClient {
  readonly #replica: FeedReplica;
  readonly #options: FeedOptions;
  readonly #now: () => number;
  readonly #refreshing: SingleFlight<Result<Head, RefreshError>>;
  readonly #polling: SingleFlight<Result<Head, RefreshError>>;
  readonly #floor: FloorMemory = {};
  #triedAt = Number.NEGATIVE_INFINITY;
  #killsAskedAt = Number.NEGATIVE_INFINITY;

  constructor(options: FeedOptions) {
    readOptions(options, 'FeedClient', FEED_OPTIONS);
    if (options.kill) readOptions(options.kill, 'FeedClient: kill', KILL_SOURCE);
    const { refreshMilliseconds = FEED_FETCH_MILLISECONDS_MAX } = options;
    this.#replica = new FeedReplica(replicaOptions(options));
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const flight = (isPoll: boolean) =>
      new SingleFlight(
        () => this.#advance(AbortSignal.timeout(refreshMilliseconds), isPoll),
        refreshMilliseconds,
      );
    this.#refreshing = flight(false);
    this.#polling = flight(true);
  }

  get head(): Head | undefined {
    return this.#replica.head;
  }

  find(question: FeedQuestion): FeedHit | undefined {
    return this.#replica.find(question);
  }

  /** True where a poll is due: for `ctx.waitUntil(feed.poll())` after the response. */
  get due(): boolean {
    return this.#now() - this.#triedAt >= FEED_POLL_MILLISECONDS;
  }

  /** What is done in the background: the feed, and every half a minute the kill statements. */
  async poll(): Promise<void> {
    await Promise.all([this.#polling.join(), this.#askForKills()]);
  }

  /** Puts kill statements in force that came another way, as a list; answers how many hold. */
  async addKills(list: unknown): Promise<number> {
    const { kill, issuer } = this.#options;
    if (!kill) return 0;
    return (await import('./kill-source.ts')).addKills(this.#replica, issuer, kill.key, list);
  }

  /** Takes a message of the log, where it follows what is held; see `FeedSubscription`. */
  async accept(message: Uint8Array<ArrayBuffer>): Promise<Result<Head, RefreshError>> {
    return (await import('./message.ts')).acceptMessage(this.#forward(), message);
  }

  /** Asks the log itself, past every cache and every poll that is under way. */
  async refresh(): Promise<Result<Head, RefreshError>> {
    const refreshed = await this.#refreshing.join();
    return refreshed ?? refuse({ code: 'feed_unreachable', why: 'TimeoutError' });
  }

  async #advance(signal: AbortSignal, isPoll: boolean): Promise<Result<Head, RefreshError>> {
    this.#triedAt = this.#now();
    // Loaded when the feed moves: a decision needs none of it.
    const { advance } = await import('./advance.ts');
    // Who starts anew knows no statement yet, so the first one waits for them, a second at most.
    const kills = this.head ? undefined : this.#askForKills();
    const { fetch } = this.#options;
    const [answer] = await Promise.all([
      advance({ ...this.#forward(), fetch, signal, isPoll }),
      kills,
    ]);
    return answer;
  }

  #forward() {
    const now = () => Math.floor(this.#now() / 1000);
    return { replica: this.#replica, now, store: this.#options.floor, floor: this.#floor };
  }

  async #askForKills(): Promise<void> {
    const { kill, issuer } = this.#options;
    if (!kill?.fetch || this.#now() - this.#killsAskedAt < FEED_KILLS_MILLISECONDS) return;
    this.#killsAskedAt = this.#now();
    await (await import('./kill-source.ts')).askForKills(this.#replica, issuer, kill);
  }
}
