/**
 * Values that several routes take or answer with. Each input has a description: it appears in
 * OpenAPI, in the reference page, and in the message of a request that gets the value wrong.
 */
import * as v from 'valibot';
import { isLogName } from '../audit/index.ts';
import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { CONFIRM_WAIT_SECONDS_MAX, FEED_WATERMARK_VALUE_BYTES_MAX } from '../limits.ts';

/**
 * `wf_` with 128 random bits and a check value of 64 bits in base64url; `wf7_` in shard 7 of the
 * revocation log. Ids that were drawn before release 0.4.0 have no check value. A child has its
 * root's id before a dot.
 */
export const WORKFLOW_ID =
  /^wf([1-9]\d{0,4})?_(?:[A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{32})(?:\.[A-Za-z0-9_-]{22})?$/;

/** `apr_` and 256 random bits in base64url: CIBA Core section 7.3 requires at least 128. */
export const APPROVAL_ID = /^apr_[A-Za-z0-9_-]{43}$/;
/** The id of the approval of one call, as its block has it. */
export const APPROVED_CALL_ID = /^ap_[A-Za-z0-9_-]{22}$/;

export const STREAM_ID = /^[\w-]{16}$/;

/** The id of a block of a token: its Ed25519 signature. */
export const REVOCATION_ID = /^[0-9a-f]{128}$/;

export const DIGEST = /^[0-9a-f]{64}$/;

/** The last second of the year 9999: RFC 3339 has four-digit years. */
export const UNIX_SECONDS_MAX = 253_402_300_799;

export const unixSeconds = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(0),
  v.maxValue(UNIX_SECONDS_MAX),
);
/** A time of the audit log, which has a finer clock than tokens. */
export const unixMilliseconds = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A reason is a sentence or two; the audit log keeps it permanently. */
const REASON_CHARACTERS_MAX = 512;

/** A time in an answer, for people and programs: RFC 3339 in UTC. */
export const timestamp = v.pipe(v.string(), v.isoTimestamp());

/** A name that workflows or records are found by. Names are compared exactly. */
export const nameFilter = (description: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.minLength(1),
      v.maxLength(FEED_WATERMARK_VALUE_BYTES_MAX),
      v.description(description),
    ),
  );

/** A time in a query: RFC 3339 on the wire, and Unix time in this unit for the handler. */
export const timeFilter = (unit: 'seconds' | 'milliseconds', description: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.isoTimestamp(),
      v.transform((text) => Math.floor(Date.parse(text) / (unit === 'seconds' ? 1_000 : 1))),
      v.description(description),
    ),
  );

/** Structured data that this API passes through: questions, constraints, records. */
export const jsonObject = v.custom<JsonObject>((value) => isJsonObject(value));

/**
 * Why something is done. JSON can contain half of a character (`"\ud800"`, or a reason cut inside
 * an emoji), which has no canonical form and could not be hashed by the audit log. It is repaired
 * rather than refused: no text in an order may keep it from stopping something.
 */
export const reason = v.pipe(
  v.string(),
  v.transform((text) => text.toWellFormed()),
  v.trim(),
  v.minLength(1),
  v.maxLength(REASON_CHARACTERS_MAX),
  v.description(`why, for the audit log: 1 to ${REASON_CHARACTERS_MAX} characters`),
);

/** The same where it is optional: a workflow can end without a reason. */
export const remark = v.pipe(
  v.string(),
  v.transform((text) => text.toWellFormed()),
  v.trim(),
  v.maxLength(REASON_CHARACTERS_MAX),
  v.transform((text) => (text === '' ? undefined : text)),
  v.description(`why, for the audit log: up to ${REASON_CHARACTERS_MAX} characters`),
);

/** A name. It is refused if it is not well-formed, because a repaired name is another name. */
export const nameOf = (lengthMax: number, description: string) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1),
    v.maxLength(lengthMax),
    v.check((text) => text.isWellFormed(), 'a lone surrogate'),
    v.description(description),
  );

/** A position in a list: the `seq` of the last item that the caller has. */
export const position = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}$/),
  v.transform(Number),
  v.description('the `seq` of the last item received; 0 for the first page'),
);

/** How long the answer waits for verifiers to confirm. Anything but a number of seconds is 0. */
export const waitSeconds = v.optional(
  v.pipe(
    v.string(),
    v.transform((text) =>
      /^\d{1,2}$/.test(text) ? Math.min(Number(text), CONFIRM_WAIT_SECONDS_MAX) : 0,
    ),
    v.description(
      `seconds that the answer may wait for verifiers to confirm, up to ${CONFIRM_WAIT_SECONDS_MAX}`,
    ),
  ),
  '0',
);

/** Set only by an operator who insists: the order is carried out for a name that is unknown. */
export const evenUnknown = v.optional(
  v.pipe(v.literal(true), v.description('carry the order out even if the id or value is unknown')),
);

export const dryRun = v.optional(
  v.pipe(v.literal(true), v.description('change nothing, and report what would match')),
);

/** The log that a path is about. */
export const LOG_PARAM = {
  schema: v.pipe(
    v.string(),
    v.check(isLogName),
    v.description('the name of a log, such as control or decisions-1-0'),
  ),
  problem: 'log_unknown',
} as const;

/** Where an entry of the revocation log is. */
export const entryPosition = { epoch: count, seq: count };

/** Which state of the issuer an answer describes: the position of the feed, and the clock. */
export const asOf = v.object({
  ...v.partial(v.object(entryPosition)).entries,
  at: v.pipe(timestamp, v.description('the clock of the issuer')),
});
