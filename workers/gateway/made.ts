import type { DecisionRecord, Outcome } from '../../src/audit/index.ts';
import { readClock } from '../../src/clock.ts';
import { RECORD_OPEN_MILLISECONDS_MAX } from '../../src/limits.ts';
import type { Allowed, Dispatched } from './account.ts';
import type { Edge } from './edge.ts';
import type { Forwarded } from './forward.ts';

/** Takes work that goes on whatever becomes of the client: `ctx.waitUntil`. */
export type Keep = (work: Promise<unknown>) => void;

export interface Made {
  readonly response: Response;
  readonly record: DecisionRecord;
}

/**
 * Makes a call that was dispatched and closes it with what became of it, also where our own code
 * fails on the way. Its record does not wait for a slow server: where something is changed it is
 * sent with the call, and of a read a moment later.
 */
export async function made(
  { outbox }: Edge,
  { evidence: { tier = 2 } }: Allowed,
  dispatched: Dispatched,
  keep: Keep,
  send: () => Promise<Forwarded>,
): Promise<Made> {
  const tell = () => keep(outbox.flush());
  if (tier >= 2) tell();
  const late = tier < 2 ? setTimeout(tell, RECORD_OPEN_MILLISECONDS_MAX) : undefined;
  const begun = readClock();
  let outcome: Outcome = { status: 500, result: 'unknown', bytes: 0, milliseconds: 0 };
  try {
    const forwarded = await send();
    ({ outcome } = forwarded);
    return { response: forwarded.response, record: dispatched.close(outcome) };
  } catch (error) {
    dispatched.close({ ...outcome, milliseconds: Math.max(0, readClock() - begun) });
    throw error;
  } finally {
    clearTimeout(late);
  }
}
