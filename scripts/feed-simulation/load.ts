import {
  FEED_REVOKED_MAX,
  FEED_SILENCE_MILLISECONDS,
  SNAPSHOT_ENTRIES,
  SNAPSHOT_SECONDS,
  SUBSCRIBERS_MAX,
} from '../../src/limits.ts';
import type { Polled } from './polling.ts';
import { entriesPerSecond, type FeedScale } from './scale.ts';
import type { Sent } from './sockets.ts';

/** What one object of Cloudflare's answers in a second before it is overloaded (soft). */
const REQUESTS_MAX = 1_000;
/** Half of an isolate; the other half is for what it does. */
const REPLICA_BYTES_MAX = 64e6;
/** 2^21 slots of 12 bytes for 2^20 entries. */
const REPLICA_ENTRY_BYTES = 24;

/** Requests a second at one log, by what they are for. */
export interface Requests {
  readonly appends: number;
  readonly heads: number;
  readonly deltas: number;
  readonly confirmations: number;
  readonly synchronous: number;
  readonly snapshots: number;
}

export function requestsOf(scale: FeedScale, polled: Polled): Requests {
  const rate = entriesPerSecond(scale);
  const polling = scale.verifiers * (1 - scale.socketShare);
  const sockets = scale.verifiers * scale.socketShare;
  return {
    appends: rate,
    heads: polled.heads + throughCaches(sockets * askedInSilence(rate), scale),
    deltas: polled.deltas,
    confirmations:
      scale.confirmShare *
      (polling * confirmed(polled.steps, scale) + sockets * confirmed(rate, scale)),
    synchronous: scale.verifiers * scale.synchronous,
    snapshots: snapshotRequests(scale, rate),
  };
}

/** Looks for a newer head a second of one subscriber, which asks after five seconds of silence. */
export function askedInSilence(entriesPerSecond: number): number {
  const silence = FEED_SILENCE_MILLISECONDS / 1_000;
  if (entriesPerSecond === 0) return 1 / silence;
  const isSilent = Math.exp(-entriesPerSecond * silence);
  return (entriesPerSecond * isSilent) / (1 - isSilent);
}

/** A location that keeps a head so long asks once in that time, and when it is next asked. */
function throughCaches(perSecond: number, scale: FeedScale): number {
  if (scale.cacheMilliseconds === 0 || perSecond === 0) return perSecond;
  const askers = scale.relays > 0 ? scale.relays : scale.locations;
  return askers / (scale.cacheMilliseconds / 1_000 + askers / perSecond);
}

/** Confirmations a second of one verifier that has so many steps: no more often than it may. */
const confirmed = (steps: number, { confirmSeconds }: FeedScale): number =>
  steps === 0 ? 0 : 1 / (1 / steps + confirmSeconds);

/** Of verifiers that start empty; once per location and snapshot if the location caches it. */
function snapshotRequests(scale: FeedScale, rate: number): number {
  const starts = (scale.verifiers * scale.starts) / 86_400;
  const isKept = scale.cacheMilliseconds > 0 && (scale.keepsDeltas === 1 || scale.relays > 0);
  if (!isKept) return starts;
  const askers = scale.relays > 0 ? scale.relays : scale.locations;
  const made = rate === 0 ? 0 : 1 / Math.min(SNAPSHOT_SECONDS, SNAPSHOT_ENTRIES / rate);
  return Math.min(starts, askers * made);
}

export const total = (requests: Requests): number =>
  Object.values(requests).reduce((sum: number, each: number) => sum + each, 0);

export interface Use {
  readonly what: string;
  /** The same in a word, for a table. */
  readonly short: string;
  readonly load: number;
  readonly most: number;
}

/** What there is only so much of, the fullest first. */
export function usesOf(scale: FeedScale, live: number, requests: Requests, sent: Sent): Use[] {
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
