import { readBounded } from '../body.ts';
import {
  FEED_BODY_BYTES_MAX,
  FEED_FETCH_MILLISECONDS_MAX,
  FEED_POLL_MILLISECONDS,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { SingleFlight } from '../single-flight.ts';
import { type FeedEntry, readEntry } from './entry.ts';
import type { Head } from './head.ts';
import { type FeedError, FeedReplica } from './replica.ts';

export type RefreshError =
  | FeedError
  | { readonly code: 'feed_unreachable'; readonly why: string }
  | { readonly code: 'feed_malformed' };

/** Gets a path of the issuer (`/feed/v1/head`), over the network or a service binding. */
export type FeedFetch = (path: string, init: { signal: AbortSignal }) => Promise<Response>;

export interface FeedOptions {
  readonly issuer: string;
  readonly feedKey: CryptoKey;
  readonly fetch: FeedFetch;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** How long one refresh may take, all its requests together. */
  readonly refreshMilliseconds?: number;
}

/**
 * Keeps a replica close to the log: `refresh` brings it forward (one at a time, bounded in time and
 * bytes), and whatever fails leaves the last good state, whose age then speaks for itself.
 */
export class FeedClient {
  readonly #replica: FeedReplica;
  readonly #fetch: FeedFetch;
  readonly #now: () => number;
  readonly #millisecondsMax: number;
  readonly #refreshing: SingleFlight<Result<Head, RefreshError>>;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(options: FeedOptions) {
    this.#replica = new FeedReplica(options.issuer, options.feedKey);
    this.#fetch = options.fetch;
    this.#now = options.now ?? Date.now;
    this.#millisecondsMax = options.refreshMilliseconds ?? FEED_FETCH_MILLISECONDS_MAX;
    this.#refreshing = new SingleFlight(() => this.#advance(), this.#millisecondsMax);
  }

  get head(): Head | undefined {
    return this.#replica.head;
  }

  find(workflows: readonly string[], blocks: readonly string[]): FeedEntry | undefined {
    return this.#replica.find(workflows, blocks);
  }

  /** True where a poll is due: for `ctx.waitUntil(feed.refresh())` after the response. */
  get due(): boolean {
    return this.#now() - this.#triedAt >= FEED_POLL_MILLISECONDS;
  }

  async refresh(): Promise<Result<Head, RefreshError>> {
    const refreshed = await this.#refreshing.join();
    return refreshed ?? refuse({ code: 'feed_unreachable', why: 'TimeoutError' });
  }

  async #advance(): Promise<Result<Head, RefreshError>> {
    this.#triedAt = this.#now();
    const signal = AbortSignal.timeout(this.#millisecondsMax);
    const wire = await this.#get('/feed/v1/head', signal);
    if (!wire.ok) return wire;
    const head = await this.#replica.open(wire.value, Math.floor(this.#now() / 1000));
    if (!head.ok) return head;
    const entries = await this.#entriesUpTo(head.value, signal);
    return entries.ok ? this.#replica.apply(head.value, entries.value) : entries;
  }

  async #entriesUpTo(
    head: Head,
    signal: AbortSignal,
  ): Promise<Result<readonly FeedEntry[], RefreshError>> {
    const held = this.#replica.head;
    const since = held?.epoch === head.epoch ? held.seq : 0;
    const entries: FeedEntry[] = [];
    while (since + entries.length < head.seq) {
      const after = since + entries.length;
      const page = await this.#get(
        `/feed/v1/entries?epoch=${head.epoch}&after=${after}&to=${head.seq}`,
        signal,
      );
      if (!page.ok) return page;
      const read = Array.isArray(page.value) ? page.value.map(readEntry) : [];
      if (read.length === 0) return refuse({ code: 'feed_malformed' });
      for (const entry of read) {
        if (!entry) return refuse({ code: 'feed_malformed' });
        entries.push(entry);
      }
    }
    return ok(entries);
  }

  async #get(path: string, signal: AbortSignal): Promise<Result<unknown, RefreshError>> {
    try {
      const response = await this.#fetch(path, { signal });
      if (!response.ok) {
        await response.body?.cancel(); // An unread body holds its connection.
        return refuse({ code: 'feed_unreachable', why: `HTTP ${response.status}` });
      }
      const body = await readBounded(response, FEED_BODY_BYTES_MAX);
      if (!body.ok) return refuse({ code: 'feed_malformed' });
      return ok(JSON.parse(body.value));
    } catch (error) {
      if (error instanceof SyntaxError) return refuse({ code: 'feed_malformed' });
      return refuse({
        code: 'feed_unreachable',
        why: error instanceof Error ? error.name : 'error',
      });
    }
  }
}
