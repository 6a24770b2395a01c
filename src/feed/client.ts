import { readBytes } from '../body.ts';
import {
  FEED_DELTA_BYTES_MAX,
  FEED_DELTA_ENTRIES_MAX,
  FEED_DELTAS_MAX,
  FEED_DELTAS_WORTH,
  FEED_FETCH_MILLISECONDS_MAX,
  FEED_FLOOR_SECONDS,
  FEED_POLL_MILLISECONDS,
  HEAD_BODY_BYTES_MAX,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { SingleFlight } from '../single-flight.ts';
import type { Head } from './head.ts';
import { deltaPath, headPath, snapshotPath } from './paths.ts';
import {
  type FeedError,
  type FeedFloor,
  type FeedHit,
  type FeedQuestion,
  FeedReplica,
  type FeedUpdate,
  type ReplicaOptions,
} from './replica.ts';
import { parseJson } from './shape.ts';

export type RefreshError =
  | FeedError
  | { readonly code: 'feed_unreachable'; readonly why: string }
  | { readonly code: 'feed_malformed' }
  /** What a past life held cannot be read, so nothing can be compared with it. */
  | { readonly code: 'floor_unreadable' };

/** Gets a path of the issuer (`/feed/v2/0/head`), over the network or a service binding. */
export type FeedFetch = (path: string, init: { signal: AbortSignal }) => Promise<Response>;

/** Where a verifier remembers how far its feed was, from one life to the next. */
export interface FloorStore {
  /** Undefined where there is none yet. A throw stops the feed until it can be read. */
  load(): Promise<FeedFloor | undefined>;
  /** Called with every new position, and once a minute; a throw leaves the floor before. */
  save(floor: FeedFloor): Promise<void>;
}

export interface FeedOptions extends ReplicaOptions {
  readonly fetch: FeedFetch;
  readonly floor?: FloorStore;
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
  readonly #options: FeedOptions;
  readonly #now: () => number;
  readonly #millisecondsMax: number;
  readonly #refreshing: SingleFlight<Result<Head, RefreshError>>;
  #triedAt = Number.NEGATIVE_INFINITY;
  #saved: FeedFloor | undefined;
  #isFloorLoaded: boolean;

  constructor(options: FeedOptions) {
    this.#replica = new FeedReplica(options);
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#millisecondsMax = options.refreshMilliseconds ?? FEED_FETCH_MILLISECONDS_MAX;
    this.#refreshing = new SingleFlight(() => this.#advance(), this.#millisecondsMax);
    this.#isFloorLoaded = options.floor === undefined;
  }

  get head(): Head | undefined {
    return this.#replica.head;
  }

  find(question: FeedQuestion): FeedHit | undefined {
    return this.#replica.find(question);
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
    const { shard = 0 } = this.#options;
    this.#triedAt = this.#now();
    const signal = AbortSignal.timeout(this.#millisecondsMax);
    if (!(await this.#hasFloor())) return refuse({ code: 'floor_unreadable' });
    const body = await this.#get(headPath(shard), HEAD_BODY_BYTES_MAX, signal);
    if (!body.ok) return body;
    const wire = parseJson(body.value);
    if (wire === undefined) return refuse({ code: 'feed_malformed' });
    const head = await this.#replica.open(wire, Math.floor(this.#now() / 1000));
    if (!head.ok) return head;
    const reached = await this.#reach(head.value, signal);
    if (reached.ok) await this.#remember(reached.value);
    return reached;
  }

  /** By deltas from what is held; by the snapshot where there are none, or too many. */
  async #reach(head: Head, signal: AbortSignal): Promise<Result<Head, RefreshError>> {
    const { snapshot } = head;
    const held = this.head?.epoch === head.epoch ? this.head.seq : -1;
    const behind = (snapshot?.seq ?? 0) - held;
    const isFar = held < head.delta_from || behind > FEED_DELTAS_WORTH * FEED_DELTA_ENTRIES_MAX;
    if (!snapshot || !isFar) {
      const followed = await this.#follow(head, { from: Math.max(held, 0), signal });
      if (followed.ok || !snapshot || behind <= 0) return followed;
    }
    const path = snapshotPath(head.shard, head.epoch, snapshot);
    const bytes = await this.#get(path, snapshot.bytes, signal);
    if (!bytes.ok) return bytes;
    return this.#follow(head, { from: snapshot.seq, snapshot: bytes.value, signal });
  }

  async #follow(
    head: Head,
    { from, snapshot, signal }: { from: number; signal: AbortSignal } & Partial<FeedUpdate>,
  ): Promise<Result<Head, RefreshError>> {
    const deltas: Uint8Array<ArrayBuffer>[] = [];
    for (let at = from; at < head.seq; ) {
      if (deltas.length >= FEED_DELTAS_MAX) {
        return refuse({ code: 'feed_over_limit', limit: 'deltas' });
      }
      // To the next full thousand, so that all who follow ask for the same ones.
      const next = (Math.floor(at / FEED_DELTA_ENTRIES_MAX) + 1) * FEED_DELTA_ENTRIES_MAX;
      const to = Math.min(next, head.seq);
      const path = deltaPath(head.shard, head.epoch, at, to);
      const delta = await this.#get(path, FEED_DELTA_BYTES_MAX, signal);
      if (!delta.ok) return delta;
      deltas.push(delta.value);
      at = to;
    }
    return this.#replica.apply(head, { snapshot, deltas });
  }

  async #hasFloor(): Promise<boolean> {
    if (this.#isFloorLoaded) return true;
    try {
      const floor = await this.#options.floor?.load();
      if (floor) this.#replica.startAt(floor);
      this.#isFloorLoaded = true;
      return true;
    } catch {
      return false;
    }
  }

  async #remember({ epoch, seq, chain, issued_at }: Head): Promise<void> {
    const saved = this.#saved;
    const isNew = saved?.epoch !== epoch || saved.seq !== seq;
    if (!isNew && issued_at - saved.issued_at < FEED_FLOOR_SECONDS) return;
    try {
      await this.#options.floor?.save({ epoch, seq, chain, issued_at });
      this.#saved = { epoch, seq, chain, issued_at };
    } catch {
      // The floor before still stands, and the next refresh tries again.
    }
  }

  async #get(path: string, bytesMax: number, signal: AbortSignal): Promise<Fetched> {
    try {
      const response = await this.#options.fetch(path, { signal });
      if (!response.ok) {
        await response.body?.cancel(); // An unread body holds its connection.
        return refuse({ code: 'feed_unreachable', why: `HTTP ${response.status}` });
      }
      const body = await readBytes(response, bytesMax);
      return body.ok ? body : refuse({ code: 'feed_malformed' });
    } catch (error) {
      const why = error instanceof Error ? error.name : 'error';
      return refuse({ code: 'feed_unreachable', why });
    }
  }
}

type Fetched = Result<Uint8Array<ArrayBuffer>, RefreshError>;
