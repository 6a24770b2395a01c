import {
  FEED_REVOKED_MAX,
  FEED_SILENCE_MILLISECONDS,
  SNAPSHOT_ENTRIES,
  SNAPSHOT_SECONDS,
  SUBSCRIBERS_MAX,
} from '../../src/limits.ts';
import type { PollingResult } from './polling.ts';
import { entriesPerSecond, type FeedScale } from './scale.ts';
import type { SocketResult } from './sockets.ts';

/** The soft limit of one Durable Object, a second. */
const REQUESTS_MAX = 1_000;
/** Half of an isolate. The other half is for its work. */
const REPLICA_BYTES_MAX = 64e6;
/** 2^21 slots of 12 bytes for 2^20 entries. */
const REPLICA_ENTRY_BYTES = 24;

/** Requests per second at one log, by purpose. */
export interface Requests {
  readonly appends: number;
  readonly heads: number;
  readonly deltas: number;
  readonly confirmations: number;
  readonly synchronous: number;
  readonly snapshots: number;
}

export function requestsOf(scale: FeedScale, polled: PollingResult): Requests {
  const rate = entriesPerSecond(scale);
  const polling = scale.verifiers * (1 - scale.socketShare);
  const sockets = scale.verifiers * scale.socketShare;
  return {
    appends: rate,
    heads: polled.heads + throughCaches(sockets * silenceRequests(rate), scale),
    deltas: polled.deltas,
    confirmations:
      scale.confirmShare *
      (polling * confirmed(polled.steps, scale) + sockets * confirmed(rate, scale)),
    synchronous: scale.verifiers * scale.synchronous,
    snapshots: snapshotRequests(scale, rate),
  };
}

/** Returns the requests per second of one subscriber, which asks after five seconds of silence. */
export function silenceRequests(entriesPerSecond: number): number {
  const silence = FEED_SILENCE_MILLISECONDS / 1_000;
  if (entriesPerSecond === 0) return 1 / silence;
  const isSilent = Math.exp(-entriesPerSecond * silence);
  return (entriesPerSecond * isSilent) / (1 - isSilent);
}

/** Returns the requests that pass the caches. A cache asks once in the life of a head. */
function throughCaches(perSecond: number, scale: FeedScale): number {
  if (scale.cacheMilliseconds === 0 || perSecond === 0) return perSecond;
  const askers = scale.relays > 0 ? scale.relays : scale.locations;
  return askers / (scale.cacheMilliseconds / 1_000 + askers / perSecond);
}

/** Returns the confirmations per second of one verifier, limited by their minimum interval. */
const confirmed = (steps: number, { confirmSeconds }: FeedScale): number =>
  steps === 0 ? 0 : 1 / (1 / steps + confirmSeconds);

/**
 * Returns the requests of new verifiers; if snapshots are cached, one per location and snapshot.
 */
function snapshotRequests(scale: FeedScale, rate: number): number {
  const starts = (scale.verifiers * scale.starts) / 86_400;
  const isCached = scale.cacheMilliseconds > 0 && (scale.keepsDeltas === 1 || scale.relays > 0);
  if (!isCached) return starts;
  const askers = scale.relays > 0 ? scale.relays : scale.locations;
  const made = rate === 0 ? 0 : 1 / Math.min(SNAPSHOT_SECONDS, SNAPSHOT_ENTRIES / rate);
  return Math.min(starts, askers * made);
}

export const total = (requests: Requests): number =>
  Object.values(requests).reduce((sum: number, each: number) => sum + each, 0);

/** The use of one limited resource. */
export interface Use {
  readonly what: string;
  /** One word for it, for a table. */
  readonly short: string;
  readonly load: number;
  readonly most: number;
}

/** Returns the use of each limited resource, the fullest first. */
export function usesOf(
  scale: FeedScale,
  live: number,
  requests: Requests,
  sent: SocketResult,
): Use[] {
  const sockets = scale.verifiers * scale.socketShare;
  const uses = [
    {
      what: 'requests at one log, a second',
      short: 'requests',
      load: total(requests),
      most: REQUESTS_MAX,
    },
    { what: 'live entries of one log', short: 'entries', load: live, most: FEED_REVOKED_MAX },
    { what: 'sockets of one log', short: 'sockets', load: sockets, most: SUBSCRIBERS_MAX },
    {
      what: "the log's thread for appends and sockets, share",
      short: 'thread',
      load: sent.busy,
      most: 1,
    },
    {
      what: 'bytes of the replicas in one verifier',
      short: 'memory',
      load: live * scale.shards * REPLICA_ENTRY_BYTES,
      most: REPLICA_BYTES_MAX,
    },
  ];
  return uses.sort((one, other) => other.load / other.most - one.load / one.most);
}
