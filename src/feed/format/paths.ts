import type { SnapshotReference } from './head.ts';

/** Where the parts of the feed are, below the issuer's URL. All but the head never change. */
export const headPath = (shard: number): string => `/feed/v2/${shard}/head`;

/** For whoever polls: a cache on the way may answer with a head that is a second old. */
export const polledHeadPath = (shard: number): string => `${headPath(shard)}?polled`;

/** The entries with `from < seq <= to`. */
export const deltaPath = (shard: number, epoch: number, from: number, to: number): string =>
  `/feed/v2/${shard}/${epoch}/deltas/${from}-${to}`;

/** With its hash, so that a cache never has one for another. */
export const snapshotPath = (
  shard: number,
  epoch: number,
  { seq, hash }: SnapshotReference,
): string => `/feed/v2/${shard}/${epoch}/snapshots/${seq}-${hash}`;

/** Gets a path of the issuer (`/feed/v2/0/head`), over the network or a service binding. */
export type FeedFetch = (path: string, init: { signal: AbortSignal }) => Promise<Response>;
