import type { SnapshotReference } from './head.ts';

/** Paths of the feed below the issuer's URL. Everything but the head is immutable. */
export const headPath = (shard: number): string => `/feed/v2/${shard}/head`;

/** For polls: a cache on the way may answer with a head that is a second old. */
export const polledHeadPath = (shard: number): string => `${headPath(shard)}?polled`;

/** Of the entries with `from < seq <= to`. */
export const deltaPath = (shard: number, epoch: number, from: number, to: number): string =>
  `/feed/v2/${shard}/${epoch}/deltas/${from}-${to}`;

/** Contains the hash, so a cache never confuses two snapshots. */
export const snapshotPath = (
  shard: number,
  epoch: number,
  { seq, hash }: SnapshotReference,
): string => `/feed/v2/${shard}/${epoch}/snapshots/${seq}-${hash}`;

/** Fetches a path of the issuer (`/feed/v2/0/head`), over the network or a service binding. */
export type FeedFetch = (path: string, init: { signal: AbortSignal }) => Promise<Response>;
