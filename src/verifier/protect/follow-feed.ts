import { FeedClient, type FloorStore, ShardedFeed } from '../../feed/index.ts';
import type { Feed } from '../freshness.ts';
import { issuerFetch } from './issuer-fetch.ts';
import type { ProtectOptions } from './protect-options.ts';

/** The feed of a verifier, and the client of each of its shards. */
export interface FollowedFeed {
  readonly feed: Feed;
  readonly clients: readonly FeedClient[];
}

/** Creates the clients that follow the issuer's logs. Nothing is fetched yet. */
export function followFeed(
  options: ProtectOptions,
  floorOf: (shard: number) => FloorStore | undefined = () => undefined,
): FollowedFeed {
  const { issuer, feedKey, shards = 1, witnesses, service, report, now, kill } = options;
  const fetchFeed = issuerFetch(issuer, service, report);
  const clientOf = (shard: number): FeedClient => {
    const floor = floorOf(shard);
    return new FeedClient({
      issuer,
      feedKey,
      shard,
      fetch: fetchFeed,
      ...(witnesses !== undefined && { witnesses }),
      ...(now && { now }),
      ...(report && { report }),
      ...(floor && { floor }),
      // A statement belongs to no shard: the first client has it.
      ...(shard === 0 &&
        kill && { kill: { key: kill.key, fetch: (init) => fetch(kill.url, init) } }),
    });
  };
  const zero = clientOf(0);
  const others = Array.from({ length: shards - 1 }, (_, index) => clientOf(index + 1));
  const numbered = others.map((client, index) => [index + 1, client] as const);
  const clients = [zero, ...others];
  return {
    feed: others.length === 0 ? zero : new ShardedFeed(zero, new Map(numbered)),
    clients,
  };
}
