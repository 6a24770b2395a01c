/**
 * Limits that several folders share. A limit that one file uses is declared in that file, and the
 * engine's are in `biscuit/limits.ts`. The unit is in the name and the reason next to it. Check a
 * limit before you do the work that it bounds.
 */

// Tokens. 8 KiB holds about sixteen step blocks of 400 bytes and fits the header limits of every
// common server. Each further block costs the verifier one more signature.
export const TOKEN_TEXT_BYTES_MAX = 8 * 1024;

// Names. Long enough for a SPIFFE-qualified tool or a deep path, short enough to log.
export const AUDIENCE_BYTES_MAX = 512;
export const TASK_BYTES_MAX = 256;
export const PROMPT_BYTES_MAX = 2 * 1024; // The request of a user; a longer one is a document.
export const WORKFLOW_ID_BYTES_MAX = 64; // What the feed and the audit log store; ours have up to 63.
export const IDENTITY_BYTES_MAX = 2_048; // The longest SPIFFE ID (SPIFFE-ID section 2.3).

// One call. Sixteen files in one read are a batch. More is a sweep, which needs a broader grant.
export const CALL_DATASETS_MAX = 16;
export const CATALOGUE_SINKS_MAX = 16; // Of one tool: as many as a call can have datasets.
export const ARGUMENT_DEPTH_MAX = 16;
export const POINTER_BYTES_MAX = 512;

// One capability. A task that needs more than 32 grants has not been narrowed.
export const GRANTS_MAX = 32;
// Reads of one dataset count as one grant: their names alone fill an authority block.
export const GRANT_TOOLS_MAX = 128;
export const ANCESTORS_MAX = 8;
export const HOPS_MAX = 8; // Each is two more signatures for the verifier. As deep as children nest.
export const HOP_NAME_BYTES_MAX = 128;

// Lifetimes.
export const STEP_SECONDS_DEFAULT = 30; // One call and its retries.
export const OBTAIN_MILLISECONDS_MAX = 10_000; // One request of an agent to its issuer.
export const CLOCK_SKEW_SECONDS_MAX = 60; // How far healthy production clocks differ.
export const CAPABILITY_SECONDS_MAX = 3_600; // Also bounds the size of the revocation list.
export const CAPABILITY_SECONDS_MIN = 30; // As long as a step token, and two renewals a minute.
export const RENEW_WITHIN_SECONDS_MIN = 60; // Twice the shortest capability.
export const RENEW_WITHIN_SECONDS_MAX = 3_600; // Without a lease, a workflow may be idle as long.
export const WORKFLOW_SECONDS_MAX = 8 * 3_600; // A working day; after it a person signs in again.
export const TIME_MILLISECONDS_MAX = Date.UTC(9999, 11, 31); // RFC 3339 has four-digit years.

// The life of a workflow.
export const COMPLETING_SECONDS_MAX = 30; // For calls in flight; a step token lives as long.
export const LEDGER_MILLISECONDS_MAX = 3_000; // One request of a verifier; a charge is tried twice.
export const RULE_WINDOW_SECONDS = 300; // No rule looks further back.
export const BREAKER_WINDOW_SECONDS = 300;
export const LABELS_KNOWN_SECONDS = 600; // A verifier repeats what it told of labels after that.
export const FAMILY_LABELS_MAX = 32; // Of a root and all workflows below it. A catalogue has a few.

// Policy versions. How long an isolate decides by an answer of the store: an activation is in force
// after it.
export const VERSION_CACHE_MILLISECONDS = 1_000;

// Root keys. Every verifier must know a key before tokens are minted under it, and every token
// minted under it must have expired before it is withdrawn.
export const ISSUER_KEYS_MAX = 16; // A head lists all of them, at about 90 bytes each.
export const KEY_ID_MAX = 999_999_999;
export const KEY_PUBLISHED_SECONDS_MIN = 120; // Before it signs: twice KEYS_HEAD_SECONDS_MAX.
export const KEYS_HEAD_SECONDS_MAX = 60; // Fetch a newer head before you call a key unknown.

// Bodies from strangers, checked before they are parsed.
export const ADMIN_REQUEST_BYTES_MAX = 16 * 1024;
export const JWT_BYTES_MAX = 16 * 1024; // Entra tokens with many groups reach 8 KiB.

// The feed and the log.
// A replica of a million entries takes 25 MB of an isolate's 128, and twice that while it grows.
export const FEED_REVOKED_MAX = 2 ** 20;
export const FEED_SNAPSHOT_BYTES_MAX = 16 * 1024 * 1024; // Room for FEED_REVOKED_MAX entries.
export const FEED_WATERMARKS_MAX = 64; // Every head carries all of them.
export const FEED_WATERMARK_VALUE_BYTES_MAX = IDENTITY_BYTES_MAX; // The longest agent name.
export const FEED_EXTENSIONS_MAX = 16; // Of one head.
export const FEED_SHARDS_MAX = 2 ** 16;
export const GATEWAY_SHARDS_MAX = 256; // One isolate polls each; with more, split the gateways.
export const HEAD_BODY_BYTES_MAX = 24 * 1024; // The payload in base64url, and the signature.
export const HEAD_NEXT_UPDATE_SECONDS = 5; // The freshness that tier 3 requires.
export const FEED_DELTA_ENTRIES_MAX = 1_024; // About 84 kB of block ids.
export const FEED_DELTA_BYTES_MAX = 4 * 1024 * 1024; // 1,024 watermarks of 2 KiB take half of it.
export const FEED_SILENCE_MILLISECONDS = 5_000; // Keeps a subscriber's head as fresh as tier 3 needs.
// A head, its snapshot, and as many deltas as a client applies at once.
export const FEED_FILE_BYTES_MAX = FEED_SNAPSHOT_BYTES_MAX + 8 * FEED_DELTA_BYTES_MAX;
export const FEED_KILLS_MAX = 64; // Kept permanently, unlike watermarks of the log.
export const KILL_BODY_BYTES_MAX = 512 * 1024; // FEED_KILLS_MAX statements in base64url.
export const SNAPSHOT_ENTRIES = 1_024; // One delta: a returning verifier reads one or two of them.
export const SNAPSHOT_SECONDS = 600; // So that a quiet log is compacted as well.
export const SUBSCRIBERS_MAX = 10_000; // Of one log; a Durable Object holds 32,768 sockets.
export const VERIFIERS_SEEN_SECONDS = 300; // A verifier silent for longer is no longer waited for.
export const CONFIRM_MILLISECONDS_MAX = 2_000; // One confirmation request.
export const CONFIRM_WAIT_SECONDS_MAX = 10; // How long an operator's request waits for verifiers.
export const STATUS_SHARDS_MAX = 16; // Shards that one status answer asks: each is an object.
export const STOP_RETRY_MILLISECONDS_MIN = 2_000;
export const FEED_POLL_MILLISECONDS = 1_000;
export const HEAD_FUTURE_SECONDS_MAX = 60;

// The audit log.
export const RECORDS_PER_BATCH_MAX = 100;
// Of one record that a verifier sends: three identities, 16 datasets and a quoted check, escaped.
export const RECORD_BYTES_MAX = 48 * 1024;
export const AUDIT_ANSWER_MILLISECONDS = 5_000; // A log that hangs counts as unavailable.
export const OWED_WAIT_MILLISECONDS = 1_000; // A stop is answered by then, recorded or not.
export const OWED_RETRY_MILLISECONDS_MIN = 2_000;
export const OWED_RETRY_MILLISECONDS_MAX = 300_000; // A full log that has room again is noticed soon.
export const AUDIT_RECORDS_PER_PAGE_MAX = 1_000;

// Approvals: ten minutes for a person to look, polled at the interval of RFC 8628 section 3.2.
export const APPROVAL_INTERVAL_SECONDS = 5;
export const APPROVAL_INTERVAL_SECONDS_MAX = 60; // Where `slow_down` stops raising it.
// How long a request may wait for a person: less than clients and proxies wait for an answer.
export const APPROVAL_WAIT_SECONDS_MAX = 20;
export const APPROVAL_KEPT_SECONDS = 3_600; // After it ends; a refused request stays refused.
export const APPROVED_CALLS_MAX = 32; // Of one question: what a person reads before one answer.
// A verifier that is cut off cannot know that an approval was used or withdrawn. This bounds it.
export const APPROVED_CALL_SECONDS_MAX = 60;

// The keys of an identity provider.
export const KEYS_FETCH_MILLISECONDS_MAX = 5_000;
export const KEYS_AGE_MILLISECONDS_MAX = 10 * 60 * 1_000; // How long a withdrawn key still counts.
export const KEYS_COOLDOWN_MILLISECONDS = 30_000; // Between fetches that unknown key ids trigger.
export const KEYS_RETRY_MILLISECONDS = 5_000; // After a failed fetch.

// Signals: standard formats in which other systems learn the state of a workflow.
export const STATUS_LIST_TTL_SECONDS = 60; // As fresh as an internal read (tier 1).
export const SIGNAL_STREAMS_MAX = 16; // Each stores one more copy of every event.
export const SIGNAL_QUEUE_MAX = 1_000; // Events waiting in one stream.
export const SIGNAL_PUSH_MILLISECONDS_MAX = 10_000;
export const SIGNAL_VERIFY_SECONDS_MIN = 30; // Between verifications that a receiver requests.

/** With fewer checks, a fault of the signing engine would stay unseen for hours. */
export const MINT_CHECK_EVERY_MAX = 10_000;
