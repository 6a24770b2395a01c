import { entryBytes, headBytes, snapshotBytes } from './bytes.ts';
import { type Cost, costOf } from './cost.ts';
import { liveAtMost, simulateLive } from './live.ts';
import { type Requests, requestsOf, type Use, usesOf } from './load.ts';
import { simulatePolling } from './polling.ts';
import { randomFrom } from './random.ts';
import { entriesPerSecond, type FeedScale } from './scale.ts';
import { simulateSockets } from './sockets.ts';

/** Seconds from a revocation to its denial, over all verifiers of a kind. */
export interface Denial {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** The result of a simulation. */
export interface Simulated {
  readonly scale: FeedScale;
  /** Of all logs together. */
  readonly entriesPerDay: number;
  /** In one log. */
  readonly live: number;
  readonly liveAtMost: number;
  readonly snapshotBytes: number;
  /** Bytes a day of one polling verifier. */
  readonly bytes: { readonly heads: number; readonly entries: number; readonly snapshots: number };
  /** Requests per second at one log. */
  readonly requests: Requests;
  readonly polling: Denial | undefined;
  readonly sockets: Denial | undefined;
  /** The fullest first. */
  readonly uses: readonly Use[];
  /** Dollars a month. */
  readonly cost: Cost;
}

export function simulate(scale: FeedScale): Simulated {
  const random = randomFrom(scale.seed);
  const live = simulateLive(scale, random);
  const polled = simulatePolling(scale, random);
  const sent = simulateSockets(scale, random);
  const requests = requestsOf(scale, polled);
  const entriesPerDay = entriesPerSecond(scale) * 86_400 * scale.shards;
  const snapshot = snapshotBytes(scale, live);
  return {
    scale,
    entriesPerDay,
    live,
    liveAtMost: liveAtMost(scale),
    snapshotBytes: snapshot,
    bytes: {
      heads: polled.polls * 86_400 * headBytes() * scale.shards,
      entries: entriesPerDay * entryBytes(),
      snapshots: scale.starts * snapshot * scale.shards,
    },
    requests,
    polling: denialOf(polled.delays),
    sockets: denialOf(sent.delays),
    uses: usesOf(scale, live, requests, sent),
    cost: costOf(scale, requests, polled.relayed),
  };
}

function denialOf(delays: Float64Array): Denial | undefined {
  if (delays.length === 0) return undefined;
  const at = (share: number) => delays[Math.floor((delays.length - 1) * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}
