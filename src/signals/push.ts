import * as v from 'valibot';

const SIGNAL_RETRY_SECONDS_MIN = 2;
const SIGNAL_RETRY_SECONDS_MAX = 900;
const SIGNAL_REFUSALS_MAX = 5; // Of one event: its receiver will not take it.

/** What became of one push. `why` is for the operator: a code, never what a receiver wrote. */
export type PushOutcome =
  | { readonly kind: 'accepted' }
  /** The receiver reads this event and will not have it. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Nothing is known of the event; the receiver, or the way to it, is not well. */
  | { readonly kind: 'failed'; readonly why: string };

/** RFC 8935 section 2.4: codes that speak of the event and not of who brings it. */
const ABOUT_THE_EVENT = ['invalid_request', 'invalid_key', 'invalid_issuer', 'invalid_audience'];

/**
 * Reads the answer to a push (RFC 8935 sections 2.2 and 2.3). 202 is the answer of the RFC; the
 * other two are what common servers say to a POST that went well. Everything else is none.
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

/** How often a stream, or one event of it, has not gone through so far. */
export interface Tried {
  readonly failures: number;
  readonly refusals: number;
}

export type AfterPush =
  | { readonly next: 'forget' }
  /** The event is dropped, and that is said. */
  | { readonly next: 'drop' }
  /** This event waits; the others go on, so that one bad event does not hold up all. */
  | { readonly next: 'event_waits'; readonly until: number }
  /** The whole stream waits: what comes behind it would fail alike, and out of order. */
  | { readonly next: 'stream_waits'; readonly until: number };

/** `now` and `until` in unix milliseconds. */
export function afterPush(outcome: PushOutcome, tried: Tried, now: number): AfterPush {
  switch (outcome.kind) {
    case 'accepted':
      return { next: 'forget' };
    case 'refused': {
      const refusals = tried.refusals + 1;
      if (refusals >= SIGNAL_REFUSALS_MAX) return { next: 'drop' };
      return { next: 'event_waits', until: now + backoffSeconds(refusals) * 1000 };
    }
    case 'failed':
      return { next: 'stream_waits', until: now + backoffSeconds(tried.failures + 1) * 1000 };
  }
}

/** Doubles with each time in a row, up to a quarter of an hour. */
const backoffSeconds = (times: number): number =>
  Math.min(SIGNAL_RETRY_SECONDS_MIN * 2 ** (times - 1), SIGNAL_RETRY_SECONDS_MAX);
