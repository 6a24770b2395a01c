import type { HeadKey } from '../format/head.ts';
import type { FeedHit, FeedQuery } from '../replica/replica.ts';

/** A feed of one shard: `FeedClient` and `FileFeed` are such. */
export interface ShardFeed {
  readonly head:
    | { readonly epoch: number; readonly seq: number; readonly issued_at: number }
    | undefined;
  /** How many seconds old the head is at least, whatever the wall clock says. */
  readonly ageSecondsMin?: number | undefined;
  find(question: FeedQuery): FeedHit | undefined;
  refresh(): Promise<{ readonly ok: boolean }>;
}

interface KeyedFeed extends ShardFeed {
  readonly head: (ShardFeed['head'] & { readonly keys: readonly HeadKey[] }) | undefined;
}

/**
 * The feeds of several shards as one. Shard 0 has the issuer's keys and the watermarks that stop
 * more than one shard, so a token of another is held to both; its head is as old as the older one.
 * A workflow and all its children are in one shard: that of the root, which the mint writes.
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

  find(question: FeedQuery): FeedHit | undefined {
    return this.#zero.find(question);
  }

  refresh(): Promise<{ readonly ok: boolean }> {
    return this.#zero.refresh();
  }

  /** Undefined for a shard that is not followed here: nothing is known of its tokens. */
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
      find: (question) => zero.find(question) ?? one.find(question),
      refresh: async () => {
        const answers = await Promise.all([zero.refresh(), one.refresh()]);
        return { ok: answers.every(({ ok }) => ok) };
      },
    };
  }
}
