import type { Random } from './random.ts';
import { entriesPerSecond, type FeedScale } from './scale.ts';

/**
 * CPU time of the log for one message to one socket, and of an entry with its head. From two runs
 * of `npm run bench -- feed` on workerd: 76 and 86 us, what 500 subscribers take more than one
 * does, for each; and an append, one at a time.
 */
export const SEND_SECONDS = 80e-6;
const ENTRY_SECONDS = 2e-3;

export interface Sent {
  /** Messages a second that one log sends. */
  readonly messages: number;
  /** Seconds of its one thread that a second of appends and sends takes. */
  readonly busy: number;
  /** From a revocation to its denial, seconds, ascending. */
  readonly delays: Float64Array;
}

/** Verifiers that hold a socket: each entry is sent to all, one after the other. */
export function simulateSockets(scale: FeedScale, random: Random): Sent {
  const sockets = Math.round(scale.verifiers * scale.socketShare);
  const rate = entriesPerSecond(scale);
  const delays = Float64Array.from({ length: Math.min(sockets, 10_000) }, () => {
    const before = Math.floor(random.uniform() * sockets);
    return ENTRY_SECONDS + (before + 1) * SEND_SECONDS + scale.roundTripMilliseconds / 2_000;
  }).sort();
  const messages = rate * sockets;
  return { messages, busy: messages * SEND_SECONDS + rate * ENTRY_SECONDS, delays };
}
