import * as v from 'valibot';
import type { UnixMilliseconds } from '../clock.ts';

const SIGNAL_RETRY_SECONDS_MIN = 2;
const SIGNAL_RETRY_SECONDS_MAX = 900;
const SIGNAL_REFUSALS_MAX = 5; // Of one event: its receiver will not take it.

/** The outcome of one push. `why` is a code for the operator, never text of the receiver. */
export type PushOutcome =
  | { readonly kind: 'accepted' }
  /** The receiver rejects this event. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The receiver could not be reached or failed. Whether it has the event is unknown. */
  | { readonly kind: 'failed'; readonly why: string };

/** RFC 8935 section 2.4: the codes that are about the event, and not about the transmitter. */
const ABOUT_THE_EVENT = ['invalid_request', 'invalid_key', 'invalid_issuer', 'invalid_audience'];

/**
 * Reads the response to a push (RFC 8935 sections 2.2 and 2.3). The RFC requires 202. Common
 * servers return 200 or 204 for a successful POST, so both count as well. Anything else is a
 * failure.
 */
export function readPushAnswer(status: number, body: string): PushOutcome {
  if (status === 202 || status === 200 || status === 204) return { kind: 'accepted' };
  const why = errorCode(body);
  if (status === 400 && why !== undefined && ABOUT_THE_EVENT.includes(why)) {
    return { kind: 'refused', why };
  }
  return { kind: 'failed', why: `http_${status}` };
}

const answer = v.object({ err: v.string() });

function errorCode(body: string): string | undefined {
  try {
    const read = v.safeParse(answer, JSON.parse(body));
    return read.success ? read.output.err : undefined;
  } catch {
    return undefined;
  }
}

/** Failed attempts so far: of the stream, and of one event. */
export interface Attempts {
  readonly failures: number;
  readonly refusals: number;
}

/** What to do after a push. */
export type AfterPush =
  | { readonly next: 'forget' }
  /** The event is dropped and counted. */
  | { readonly next: 'drop' }
  /** Only this event waits, so one bad event does not block the others. */
  | { readonly next: 'event_waits'; readonly until: UnixMilliseconds }
  /** The whole stream waits: later events would fail as well, or arrive out of order. */
  | { readonly next: 'stream_waits'; readonly until: UnixMilliseconds };

/** Decides what to do after a push. Retries double up to a quarter of an hour. */
export function afterPush(
  outcome: PushOutcome,
  attempts: Attempts,
  now: UnixMilliseconds,
): AfterPush {
  switch (outcome.kind) {
    case 'accepted':
      return { next: 'forget' };
    case 'refused': {
      const refusals = attempts.refusals + 1;
      if (refusals >= SIGNAL_REFUSALS_MAX) return { next: 'drop' };
      return { next: 'event_waits', until: now + backoffSeconds(refusals) * 1000 };
    }
    case 'failed':
      return { next: 'stream_waits', until: now + backoffSeconds(attempts.failures + 1) * 1000 };
  }
}

const backoffSeconds = (times: number): number =>
  Math.min(SIGNAL_RETRY_SECONDS_MIN * 2 ** (times - 1), SIGNAL_RETRY_SECONDS_MAX);
