import { type Clock, isWithin, readClock, readSeconds } from '../../clock.ts';
import { FEED_POLL_MILLISECONDS } from '../../limits.ts';
import { having, milliseconds, publicKey } from '../../option-values.ts';
import {
  callable,
  type Members,
  numberFrom,
  object,
  optional,
  readOptions,
} from '../../options.ts';
import type { Report } from '../../report.ts';
import type { Result } from '../../result.ts';
import type { Head, Position } from '../format/head.ts';
import type { FeedFetch } from '../format/paths.ts';
import type { FloorMemory, FloorStore } from '../replica/floor.ts';
import {
  type FeedHit,
  type FeedQuery,
  FeedReplica,
  REPLICA_OPTIONS,
  type ReplicaOptions,
  replicaOptions,
} from '../replica/replica.ts';
import type { ReplicaContext } from './catch-up.ts';
import type { KillSource } from './kill-source.ts';
import type { RefreshError } from './refresh-error.ts';
import type { SharedRefresh } from './shared-refresh.ts';

const FEED_KILLS_MILLISECONDS = 30_000; // Between two fetches of kill statements.
const FEED_FETCH_MILLISECONDS_MAX = 5_000;
// After a failure, doubled with each further one. A lost packet must not cost more than this.
const FEED_RETRY_MILLISECONDS_MIN = 100;

/** What a `FeedClient` follows, and how. */
export interface FeedOptions extends ReplicaOptions {
  readonly fetch: FeedFetch;
  /** Keeps the position across restarts. Without it, a restart accepts an older head. */
  readonly floor?: FloorStore;
  /** Statements of an operator's offline key, which stop what they name. */
  readonly kill?: KillSource;
  /** Defaults to the wall clock. */
  readonly now?: Clock;
  /** How long one refresh may take, with all its requests. */
  readonly refreshMilliseconds?: number;
  /** For how long the first failed refresh is remembered: see `refresh`. */
  readonly retryMilliseconds?: number;
  /** Receives rejected heads, failed polls and other failures. Defaults to the console. */
  readonly report?: Report;
}

export const FEED_OPTIONS: Members<FeedOptions> = {
  ...REPLICA_OPTIONS,
  fetch: callable,
  floor: optional(having('load', 'save')),
  kill: optional(object),
  now: optional(callable),
  refreshMilliseconds: optional(milliseconds),
  retryMilliseconds: optional(numberFrom(0)),
  report: optional(callable),
};
const KILL_SOURCE: Members<KillSource> = { key: publicKey, fetch: optional(callable) };

/**
 * Keeps a replica up to date with its log. A refresh is bounded in time and bytes. If it fails, the
 * last good state stays in force and its age grows, which the verifier judges.
 *
 * Throws a TypeError for options that it does not know or cannot use.
 *
 * @example
 * ```ts
 * import { FeedClient } from 'hewn/feed';
 *
 * const feed = new FeedClient({
 *   issuer,
 *   feedKey,
 *   fetch: (path, init) => fetch(`${issuer}${path}`, init),
 * });
 * const refreshed = await feed.refresh();
 * if (!refreshed.ok) console.error(refreshed.error.code);
 * ```
 */
export class FeedClient {
  readonly #replica: FeedReplica;
  readonly #options: FeedOptions;
  readonly #now: Clock;
  readonly #refreshMilliseconds: number;
  readonly #floor: FloorMemory = {};
  #sharedRefresh: SharedRefresh | undefined;
  #pollingSince = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #killsFetchedAt = Number.NEGATIVE_INFINITY;
  #fault: RefreshError['code'] | undefined;

  constructor(options: FeedOptions) {
    readOptions(options, 'FeedClient', FEED_OPTIONS);
    if (options.kill) readOptions(options.kill, 'FeedClient: kill', KILL_SOURCE);
    const { refreshMilliseconds = FEED_FETCH_MILLISECONDS_MAX } = options;
    this.#replica = new FeedReplica(replicaOptions(options));
    this.#options = options;
    this.#now = options.now ?? readClock;
    this.#refreshMilliseconds = refreshMilliseconds;
  }

  /**
   * The head by which to decide; undefined before the first. If witnesses are demanded, it is the
   * newest that they have seen, and its `issued_at` is their time.
   */
  get head(): Head | undefined {
    return this.#replica.trusted;
  }

  /** The end of what is in force. Beyond the head if witnesses have not seen the newest stops. */
  get position(): Position | undefined {
    return this.#replica.position;
  }

  /** The minimum age of the head in seconds, whatever the wall clock says. */
  get ageSecondsMin(): number {
    return this.#replica.ageSecondsMin;
  }

  /** Returns what stops a token or its call, or undefined if nothing does. */
  find(query: FeedQuery): FeedHit | undefined {
    return this.#replica.find(query);
  }

  /** Why the last attempt to read the log failed. It is undefined if it succeeded. */
  get fault(): RefreshError['code'] | undefined {
    return this.#fault;
  }

  /** Whether a poll is due: call `ctx.waitUntil(feed.poll())` after the response. */
  get due(): boolean {
    return !isWithin(this.#triedAt, this.#now(), FEED_POLL_MILLISECONDS);
  }

  /**
   * Updates the replica and the kill statements in the background. Does nothing while another poll
   * is running, and never waits for it: see `SingleFlight`. Never rejects.
   */
  async poll(): Promise<void> {
    const since = performance.now();
    if (since - this.#pollingSince < this.#refreshMilliseconds) return;
    this.#pollingSince = since;
    const [answer] = await Promise.all([this.#catchUp(true), this.#fetchKills()]);
    if (this.#pollingSince === since) this.#pollingSince = Number.NEGATIVE_INFINITY;
    if (answer.ok) this.#sharedRefresh?.allowRetry();
  }

  /** Applies kill statements that arrived another way. Returns how many of the list are valid. */
  async addKills(list: unknown): Promise<number> {
    const { kill, issuer } = this.#options;
    if (!kill) return 0;
    return (await import('./kill-source.ts')).addKills(this.#replica, issuer, kill.key, list);
  }

  /** Applies a message of the log if it follows the current head; see `FeedSubscription`. */
  async accept(message: Uint8Array<ArrayBuffer>): Promise<Result<Head, RefreshError>> {
    return (await import('./catch-up.ts')).acceptMessage(this.#context(), message);
  }

  /**
   * Asks the log itself, past every cache and poll. The answer is to a request that started after
   * this call, so it contains every revocation that was acknowledged before the call. Callers share
   * one request at a time. After a failure, callers are refused at once until one of them finds out
   * that the log is back.
   */
  async refresh(): Promise<Result<Head, RefreshError>> {
    // Loaded on demand: a decision needs none of it.
    const { SharedRefresh, reportFailure } = await import('./shared-refresh.ts');
    const { report, retryMilliseconds = FEED_RETRY_MILLISECONDS_MIN } = this.#options;
    this.#sharedRefresh ??= new SharedRefresh(() => this.#catchUp(false), {
      millisecondsMax: this.#refreshMilliseconds,
      retryMilliseconds,
      onLost: (answer) =>
        reportFailure(answer, { report, way: 'question', shard: this.#replica.shard }),
    });
    return this.#sharedRefresh.refresh();
  }

  async #catchUp(isPoll: boolean): Promise<Result<Head, RefreshError>> {
    this.#triedAt = this.#now();
    const signal = AbortSignal.timeout(this.#refreshMilliseconds);
    // Loaded on demand: a decision needs none of it.
    const { catchUp } = await import('./catch-up.ts');
    // A new process knows no kill statement yet, so its first refresh waits for them, for a second
    // at most.
    const kills = this.head ? undefined : this.#fetchKills();
    const { fetch } = this.#options;
    const [answer] = await Promise.all([
      catchUp({ ...this.#context(), fetch, signal, isPoll }),
      kills,
    ]);
    this.#fault = answer.ok ? undefined : answer.error.code;
    return answer;
  }

  #context(): ReplicaContext {
    const { floor: store, report } = this.#options;
    const now = () => readSeconds(this.#now);
    return { replica: this.#replica, now, store, floor: this.#floor, report };
  }

  async #fetchKills(): Promise<void> {
    const { kill, issuer, report } = this.#options;
    const isRecent = isWithin(this.#killsFetchedAt, this.#now(), FEED_KILLS_MILLISECONDS);
    if (!kill?.fetch || isRecent) return;
    this.#killsFetchedAt = this.#now();
    await (await import('./kill-source.ts')).fetchKills(this.#replica, issuer, kill, report);
  }
}
