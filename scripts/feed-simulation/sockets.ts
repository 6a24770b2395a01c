import type { Random } from './random.ts';
import { entriesPerSecond, type FeedScale } from './scale.ts';

/**
 * CPU time of the log for one message to one socket, and for an entry with its head. Measured in
 * two runs of `npm run bench -- feed` on workerd: 76 and 86 µs for each further subscriber, up to
 * 500; and one append at a time.
 */
export const SEND_SECONDS = 80e-6;
const ENTRY_SECONDS = 2e-3;

export interface SocketResult {
  /** Messages a second that one log sends. */
  readonly messages: number;
  /** The share of its one thread that appends and messages use. */
  readonly busy: number;
  /** Seconds from each revocation to its denial, ascending. */
  readonly delays: Float64Array;
}

/** Simulates verifiers with sockets. Each entry is sent to all of them, one after the other. */
export function simulateSockets(scale: FeedScale, random: Random): SocketResult {
  const sockets = Math.round(scale.verifiers * scale.socketShare);
  const rate = entriesPerSecond(scale);
  const delays = Float64Array.from({ length: Math.min(sockets, 10_000) }, () => {
    const before = Math.floor(random.uniform() * sockets);
    return ENTRY_SECONDS + (before + 1) * SEND_SECONDS + scale.roundTripMilliseconds / 2_000;
  }).sort();
  const messages = rate * sockets;
  return { messages, busy: messages * SEND_SECONDS + rate * ENTRY_SECONDS, delays };
}
