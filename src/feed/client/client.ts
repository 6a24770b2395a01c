import { type Clock, isWithin, readClock } from '../../clock.ts';
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
import type { Head } from '../format/head.ts';
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
import type { KillSource } from './kill-source.ts';
import type { RefreshError } from './refresh-error.ts';
import type { SharedRefresh } from './shared-refresh.ts';

const FEED_KILLS_MILLISECONDS = 30_000; // Between questions for them.
const FEED_FETCH_MILLISECONDS_MAX = 5_000;
// After a failed question, and twice as long after each further one: a lost packet costs little.
const FEED_RETRY_MILLISECONDS_MIN = 100;

export interface FeedOptions extends ReplicaOptions {
  readonly fetch: FeedFetch;
  readonly floor?: FloorStore;
  /** Statements of an operator's offline key, which stop whatever they name. */
  readonly kill?: KillSource;
  /** Milliseconds since the epoch. */
  readonly now?: Clock;
  /** How long one refresh may take, all its requests together. */
  readonly refreshMilliseconds?: number;
  /** For how long the first failed question is remembered: see `refresh`. */
  readonly retryMilliseconds?: number;
  /** Where refused heads, failed polls and whatever else goes wrong are told; else the console. */
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
 * Keeps a replica close to the log: `refresh` brings it forward (one at a time, bounded in time and
 * bytes), and whatever fails leaves the last good state, whose age then speaks for itself.
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
  #killsAskedAt = Number.NEGATIVE_INFINITY;

  constructor(options: FeedOptions) {
    readOptions(options, 'FeedClient', FEED_OPTIONS);
    if (options.kill) readOptions(options.kill, 'FeedClient: kill', KILL_SOURCE);
    const { refreshMilliseconds = FEED_FETCH_MILLISECONDS_MAX } = options;
    this.#replica = new FeedReplica(replicaOptions(options));
    this.#options = options;
    this.#now = options.now ?? readClock;
    this.#refreshMilliseconds = refreshMilliseconds;
  }

  get head(): Head | undefined {
    return this.#replica.head;
  }

  /** See `FeedReplica`. */
  get ageSecondsMin(): number {
    return this.#replica.ageSecondsMin;
  }

  find(question: FeedQuery): FeedHit | undefined {
    return this.#replica.find(question);
  }

  /** True where a poll is due: for `ctx.waitUntil(feed.poll())` after the response. */
  get due(): boolean {
    return !isWithin(this.#triedAt, this.#now(), FEED_POLL_MILLISECONDS);
  }

  /**
   * What is done in the background: the feed, and every half a minute the kill statements. Does
   * nothing where another poll is under way, and never waits for that one: see `SingleFlight`.
   */
  async poll(): Promise<void> {
    const since = performance.now();
    if (since - this.#pollingSince < this.#refreshMilliseconds) return;
    this.#pollingSince = since;
    const [answer] = await Promise.all([this.#catchUp(true), this.#askForKills()]);
    if (this.#pollingSince === since) this.#pollingSince = Number.NEGATIVE_INFINITY;
    if (answer.ok) this.#sharedRefresh?.allowRetry();
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

  /**
   * Asks the log itself, past every cache and every poll. The answer is to a question that was
   * asked after this call: a revocation that was acknowledged before the call is in it. Callers
   * share one question at a time. After a failed one, those who come next are refused at once, and
   * one of them finds out whether the log is back.
   */
  async refresh(): Promise<Result<Head, RefreshError>> {
    // Loaded when the log is asked: a decision needs none of it.
    const { SharedRefresh, reportFailure } = await import('./shared-refresh.ts');
    const { retryMilliseconds = FEED_RETRY_MILLISECONDS_MIN } = this.#options;
    const { report } = this.#options;
    this.#sharedRefresh ??= new SharedRefresh(() => this.#catchUp(false), {
      millisecondsMax: this.#refreshMilliseconds,
      retryMilliseconds,
      lost: (answer) =>
        reportFailure(answer, { report, way: 'question', shard: this.#replica.shard }),
    });
    return this.#sharedRefresh.ask();
  }

  async #catchUp(isPoll: boolean): Promise<Result<Head, RefreshError>> {
    this.#triedAt = this.#now();
    const signal = AbortSignal.timeout(this.#refreshMilliseconds);
    // Loaded when the feed moves: a decision needs none of it.
    const { catchUp } = await import('./catch-up.ts');
    // Who starts anew knows no statement yet, so the first one waits for them, a second at most.
    const kills = this.head ? undefined : this.#askForKills();
    const { fetch } = this.#options;
    const [answer] = await Promise.all([
      catchUp({ ...this.#forward(), fetch, signal, isPoll }),
      kills,
    ]);
    return answer;
  }

  #forward() {
    const now = () => Math.floor(this.#now() / 1000);
    const { floor: store, report } = this.#options;
    return { replica: this.#replica, now, store, floor: this.#floor, report };
  }

  async #askForKills(): Promise<void> {
    const { kill, issuer } = this.#options;
    const isAsked = isWithin(this.#killsAskedAt, this.#now(), FEED_KILLS_MILLISECONDS);
    if (!kill?.fetch || isAsked) return;
    this.#killsAskedAt = this.#now();
    await (await import('./kill-source.ts')).askForKills(
      this.#replica,
      issuer,
      kill,
      this.#options.report,
    );
  }
}
