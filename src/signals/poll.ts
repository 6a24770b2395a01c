import * as v from 'valibot';
import { isJsonObject } from '../canonical-json.ts';
import { SIGNAL_QUEUE_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';

const SIGNAL_POLL_EVENTS_MAX = 100; // In one answer, about 1 KiB each.
const SIGNAL_JTI_LENGTH_MAX = 128; // Ours have 43 characters.

/** A receiver's request for events (RFC 8936 section 2.2). */
export interface PollRequest {
  readonly eventsMax: number;
  /** Ids of events that it has accepted or refused. Neither is sent again. */
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
}

/** The response to a poll (RFC 8936 section 2.3). */
export interface PollAnswer {
  readonly sets: Readonly<Record<string, string>>;
  readonly moreAvailable?: true;
}

const jti = v.pipe(v.string(), v.minLength(1), v.maxLength(SIGNAL_JTI_LENGTH_MAX));
const schema = v.object({
  maxEvents: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  // Every answer is immediate: an object that waited for a receiver would stay awake.
  returnImmediately: v.optional(v.boolean()),
  ack: v.optional(v.pipe(v.array(jti), v.maxLength(SIGNAL_QUEUE_MAX))),
  setErrs: v.optional(
    v.pipe(
      v.custom<Record<string, unknown>>(isJsonObject), // `v.record` alone accepts an array.
      v.record(jti, v.object({ err: v.string(), description: v.optional(v.string()) })),
    ),
  ),
});

/** Parses a poll request. Ignores unknown members, which section 2.2 allows. */
export function readPollRequest(
  text: string,
): Result<PollRequest, { readonly code: 'poll_malformed' }> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse({ code: 'poll_malformed' });
  }
  const read = v.safeParse(schema, value);
  if (!isJsonObject(value) || !read.success) return refuse({ code: 'poll_malformed' });
  const { maxEvents = SIGNAL_POLL_EVENTS_MAX, ack = [], setErrs = {} } = read.output;
  const refused = Object.keys(setErrs);
  if (refused.length > SIGNAL_QUEUE_MAX) return refuse({ code: 'poll_malformed' });
  return ok({ eventsMax: Math.min(maxEvents, SIGNAL_POLL_EVENTS_MAX), accepted: ack, refused });
}
