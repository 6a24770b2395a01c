import { readClock } from '../../clock.ts';
import type { DecisionRecord, Outcome } from '../kinds/index.ts';
import { type CallAccounts, type OpenCall, sendMeanwhile } from './reservation.ts';

/** Takes work that continues when the client is gone: `ctx.waitUntil`. */
export type KeepAlive = (work: Promise<unknown>) => void;

/**
 * Makes the call. It throws only because of a bug: whatever becomes of a call is an outcome. The
 * outcome of a response that streams is a promise, which never rejects.
 */
export type Forward = () => Promise<{
  readonly response: Response;
  readonly outcome: Outcome | Promise<Outcome>;
}>;

/** An answer to the agent, and the record of the decision behind it. */
export interface Answered {
  readonly response: Response;
  /** A promise while the response streams. */
  readonly record: DecisionRecord | Promise<DecisionRecord>;
}

/**
 * Makes an open call and closes it with its outcome, even if our own code fails on the way. A call
 * whose response streams stays open until the stream has ended.
 */
export async function makeCall(
  { outbox }: CallAccounts,
  call: OpenCall,
  keepAlive: KeepAlive,
  forward: Forward,
): Promise<Answered> {
  const stopTimer = sendMeanwhile(call, () => keepAlive(outbox.flush()));
  const started = readClock();
  const close = (outcome: Outcome): DecisionRecord => {
    stopTimer();
    return call.close(outcome);
  };
  try {
    const { response, outcome } = await forward();
    return { response, record: outcome instanceof Promise ? outcome.then(close) : close(outcome) };
  } catch (error) {
    const milliseconds = Math.max(0, readClock() - started);
    close({ status: 500, result: 'unknown', bytes: 0, milliseconds });
    throw error;
  }
}
