import type { UnixSeconds } from '../../clock.ts';
import type { HeadKey } from '../format/head.ts';
import type { FeedHit, FeedQuery } from '../replica/replica.ts';

/** A feed of one shard, such as `FeedClient` or `FileFeed`. */
export interface ShardFeed {
  readonly head:
    | { readonly epoch: number; readonly seq: number; readonly issued_at: UnixSeconds }
    | undefined;
  /** The minimum age of the head in seconds, whatever the wall clock says. */
  readonly ageSecondsMin?: number | undefined;
  find(query: FeedQuery): FeedHit | undefined;
  refresh(): Promise<{ readonly ok: boolean }>;
}

interface KeyedFeed extends ShardFeed {
  readonly head: (ShardFeed['head'] & { readonly keys: readonly HeadKey[] }) | undefined;
}

/**
 * Combines the feeds of several shards. Shard 0 has the issuer's keys and the watermarks for all
 * shards, so a token of another shard is checked against both, and the older head decides its age.
 * A workflow and its children are in the shard of their root, which the mint chooses.
 *
 * @example
 * ```ts
 * import { FeedClient, ShardedFeed } from 'hewn/feed';
 *
 * const clientOf = (shard: number) =>
 *   new FeedClient({
 *     issuer,
 *     feedKey,
 *     shard,
 *     fetch: (path, init) => fetch(`${issuer}${path}`, init),
 *   });
 * const feed = new ShardedFeed(clientOf(0), new Map([[1, clientOf(1)]]));
 * ```
 */
export class ShardedFeed<Zero extends KeyedFeed> {
  readonly #zero: Zero;
  readonly #others: ReadonlyMap<number, ShardFeed>;

  constructor(zero: Zero, others: ReadonlyMap<number, ShardFeed>) {
    this.#zero = zero;
    this.#others = others;
  }

  get head(): Zero['head'] {
    return this.#zero.head;
  }

  get ageSecondsMin(): number {
    return this.#zero.ageSecondsMin ?? 0;
  }

  find(query: FeedQuery): FeedHit | undefined {
    return this.#zero.find(query);
  }

  refresh(): Promise<{ readonly ok: boolean }> {
    return this.#zero.refresh();
  }

  /**
   * Returns the feed of a shard, or undefined if it is not followed. Treat that as a missing head.
   */
  shard(shard: number): KeyedFeed | undefined {
    const zero = this.#zero;
    const one = this.#others.get(shard);
    if (!one) return undefined;
    return {
      get head() {
        if (!zero.head || !one.head) return undefined;
        const { epoch, seq } = one.head;
        const issued_at = Math.min(zero.head.issued_at, one.head.issued_at);
        return { epoch, seq, issued_at, keys: zero.head.keys };
      },
      get ageSecondsMin() {
        return Math.max(zero.ageSecondsMin ?? 0, one.ageSecondsMin ?? 0);
      },
      find: (query) => zero.find(query) ?? one.find(query),
      refresh: async () => {
        const answers = await Promise.all([zero.refresh(), one.refresh()]);
        return { ok: answers.every(({ ok }) => ok) };
      },
    };
  }
}
