/**
 * Every limit outside the Biscuit engine, in one place: the unit is in the name, the reason beside
 * it. A limit is checked before the work that it bounds.
 */

// Tokens. 8 KiB holds some sixteen step blocks of 400 bytes and fits the header limits of every
// common server; each further block costs the verifier one more signature.
export const TOKEN_TEXT_BYTES_MAX = 8 * 1024;
export const TOKEN_BLOCKS_MAX = 16;

// Names. Long enough for a SPIFFE-qualified tool or a deep path, short enough to log.
export const TOOL_NAME_BYTES_MAX = 128;
export const DATASET_BYTES_MAX = 512;
export const DATASET_SEGMENTS_MAX = 32;
export const PATH_BYTES_MAX = 2_048;
export const AUDIENCE_BYTES_MAX = 512;
export const TASK_BYTES_MAX = 256;
export const TRUST_DOMAIN_BYTES_MAX = 255; // SPIFFE-ID section 2.3.
export const WORKFLOW_ID_BYTES_MAX = 64; // As the feed and the trail hold it; ours have 35.
export const IDENTITY_BYTES_MAX = 2_048; // SPIFFE IDs go up to 2048 bytes (SPIFFE-ID section 2.3).

// One call. Sixteen files in one read are a batch; more is a sweep and wants another grant.
export const CALL_DATASETS_MAX = 16;
export const ARGUMENT_LEAVES_MAX = 128;
export const ARGUMENT_CONTAINERS_MAX = 128; // Arrays and objects that are not empty.
export const ARGUMENT_DEPTH_MAX = 16;
export const ARGUMENT_FACTS_MAX = 8; // Of one leaf: a text that is a URL brings the most.
export const ARGUMENT_FORM_UNITS_MAX = 2_048; // A longer text is content, not where something goes.
export const POINTER_BYTES_MAX = 512;

// One capability. A task that needs more than 32 grants is not cut down.
export const GRANTS_MAX = 32;
export const AUTHORITY_BYTES_MAX = 4 * 1024; // Leaves the holder room for some five steps.
export const AUTHORITY_CHECKS_MAX = 128; // Each is evaluated for each call, whatever its tool.
export const ANCESTORS_MAX = 8;

// Constraints on arguments. Every byte of them is carried by every call of the token.
export const CONSTRAINTS_MAX = 32; // Of one grant.
export const CONSTRAINT_ARGUMENTS_MAX = 64;
export const CONSTRAINT_VALUES_MAX = 64; // Of one list of values; a longer one is a data set.
export const CONSTRAINT_ALL_MAX = 8; // Joined on one argument.
export const CONSTRAINT_TEXT_BYTES_MAX = 512;
export const CONSTRAINT_PATTERN_BYTES_MAX = 256;
// Instructions of a compiled pattern. Over a text of 500 characters it costs half of the steps that
// the engine gives to all patterns of one call (its `regexStepsMax`).
export const CONSTRAINT_PROGRAM_MAX = 200;

// Budgets of a workflow. Each entry is counted with every call that its workflow reports.
export const BUDGET_TOOLS_MAX = 32; // As many as a capability has grants.
export const BUDGET_SUMS_MAX = 16;
export const OPEN_SINK_REASON_BYTES_MAX = 256; // A sentence, for the record.

// Lifetimes.
export const STEP_SECONDS_DEFAULT = 30; // One call and its retries.
export const OBTAIN_MILLISECONDS_MAX = 10_000; // One request of an agent to its issuer.
export const CLOCK_SKEW_SECONDS_MAX = 60; // What PRODUCTION clocks differ by without being broken.
export const CAPABILITY_SECONDS_MAX = 3_600; // Bounds the revocation list, too.
// What a policy sees of the claims of one identity; each is a fact, and of more nothing is decided.
export const CLAIM_FACTS_MAX = 128;
export const CLAIMS_BYTES_MAX = 8 * 1024;
export const WORKFLOW_SECONDS_MAX = 8 * 3_600; // A working day; then a person's token begins anew.
// All that a workflow was ever granted: each step-up may add a wider form of what it had.
export const WORKFLOW_GRANTS_MAX = 8 * GRANTS_MAX;
export const WORKFLOW_MINTS_MAX = 1_000; // Eight hours of half-minute tokens; each is a row.
export const CHALLENGE_BYTES_MAX = 64 * 1024; // 16 grants of the longest names, twice over.
export const RENEW_AHEAD_SECONDS = 60; // Two steps of the default length.
export const RENEW_WAIT_SECONDS = 5; // With less left than this, a call waits for the renewal.
export const RENEW_RETRY_MILLISECONDS = 1_000; // After a renewal that failed.
export const TIME_MILLISECONDS_MAX = Date.UTC(9999, 11, 31); // RFC 3339 writes four-digit years.

// The life of a workflow.
export const WORKFLOW_IDLE_SECONDS = 3_600; // The longest capability: with none left, nobody is there.
export const COMPLETING_SECONDS_MAX = 30; // For calls in flight; a step's token lives as long.
export const REASON_CHARACTERS_MAX = 512; // Of whoever ends, stops or resumes a workflow.
export const CHILDREN_MAX = 64; // Of one root, at whatever depth: they end in one transaction.
export const LEASE_CALLS = 20; // Taken by a verifier at once: what it can overlook of a suspension.
export const LEASE_SECONDS = 30;
export const LEASES_HELD_MAX = 10_000; // In one verifier; beyond it all are given up as spent.
export const LEASES_MAX = 256; // Open ones of one workflow: verifiers times tools.
export const LEDGER_MILLISECONDS_MAX = 3_000; // One question of a verifier; a charge is asked twice.
export const CHARGE_SECONDS = 600; // How long a retry of the same charge is known; longer than any.
export const RULE_RECORDS_MAX = 256; // Looked at by the rules; more within a minute is a storm.
export const RULE_STEP_UPS_MAX = 64; // As many as an agent gets within the window, and more.
export const RULE_WINDOW_SECONDS = 300; // No condition looks further back.
// The breaker of PRODUCTION.md 2.9: a rule stops so many, or this share of all, in this time.
export const BREAKER_STOPS_MIN = 20;
export const BREAKER_STOPS_SHARE = 0.05;
export const BREAKER_WINDOW_SECONDS = 300;
export const BREAKER_PURGE_SECONDS = 60;
export const BREAKER_ROWS_PER_RUN_MAX = 10_000; // Keeps one run of the alarm short.

// DPoP (RFC 9449). A proof of an Ed25519 or P-256 key has some 600 bytes.
export const DPOP_PROOF_BYTES_MAX = 4 * 1024;
export const DPOP_JTI_BYTES_MAX = 128; // Twice what the longest habit, a SHA-256 in hex, takes.
export const DPOP_SECONDS_MAX = 300; // Each way: a clock that is off by more is broken.
export const DPOP_NONCE_SECRET_BYTES_MIN = 32; // An HMAC with less is guessed before a nonce ends.
export const DPOP_NONCE_SECONDS = 60; // A nonce is good for one slot to two; a client learns fast.
export const DPOP_PROOFS_REMEMBERED_MAX = 20_000; // Some 5 MB in an isolate of 128.
// Root keys. What is minted under a key must find every verifier knowing it, and what was minted
// under it is dead before it is taken back.
export const ISSUER_KEYS_MAX = 16; // A head is answered whole, about 90 bytes a key.
export const KEY_ID_MAX = 999_999_999;
export const KEY_PUBLISHED_SECONDS_MIN = 120; // Before it mints: twice KEYS_HEAD_SECONDS_MAX.
export const KEYS_HEAD_SECONDS_MAX = 60; // An older head is asked anew before a key is unknown.
export const KEYS_ASK_MILLISECONDS = 1_000; // Between such questions, which strangers provoke.
// What one holder may give up of one workflow: every entry is carried by every verifier.
export const HOLDER_REVOCATIONS_MAX = 64;

// Bodies from strangers, checked before parsing.
export const TOKEN_REQUEST_BYTES_MAX = 64 * 1024;
export const SCOPE_BYTES_MAX = 32 * 1024; // 32 grants of the longest names, percent-encoded at most in half.
export const ADMIN_REQUEST_BYTES_MAX = 16 * 1024;
export const ADMIN_MILLISECONDS_MAX = 20_000; // One question of the command: half of it may be a wait.
export const ADMIN_ANSWER_BYTES_MAX = 8 * 1024 * 1024; // A page of 50 questions, said twice over.
// Of a body that is read before the caller is known to be allowed, and kept until it is handled.
export const DESCRIBED_BODY_BYTES_MAX = 256 * 1024;
// Of a body that nobody wanted, read so that its connection can be used again: then it is closed.
export const BODY_DRAINED_BYTES_MAX = 1024 * 1024;
export const BODY_DRAINED_MILLISECONDS_MAX = 1_000;
export const MCP_REQUEST_BYTES_MAX = 256 * 1024;
export const MCP_REQUEST_DEPTH_MAX = 64; // Writing JSON recurses; the stack holds thousands.
export const MCP_UPSTREAM_MILLISECONDS_MAX = 30_000; // A step's token lives as long.
export const MCP_RESPONSE_BYTES_MAX = 4 * 1024 * 1024; // Buffered whole in a 128 MB isolate.
export const JWT_BYTES_MAX = 16 * 1024; // Entra tokens with many groups reach 8 KiB.
export const JWKS_BYTES_MAX = 256 * 1024;

// The feed and the log.
// A replica of a million takes 25 MB of an isolate's 128, and twice that while it grows.
export const FEED_REVOKED_MAX = 2 ** 20;
export const FEED_STOPS_MAX = 2 ** 16; // Suspended or resumed workflows, each some 200 bytes.
export const FEED_SNAPSHOT_BYTES_MAX = 16 * 1024 * 1024; // All of them, and then some.
export const FEED_WATERMARKS_MAX = 64; // All of them are in every head.
export const FEED_WATERMARK_VALUE_BYTES_MAX = IDENTITY_BYTES_MAX; // What an agent's name may have.
export const DENIALS_MAX = 256; // Each mint reads all of them; more is a matter of the policy.
export const LIFT_KEPT_SECONDS = 31 * 24 * 3_600; // A restore takes a log back 30 days at most.
export const NAMED_SECONDS = 300; // What living tokens name is known in such steps.
export const NAMED_PURGED_PER_MINT_MAX = 64; // More than one mint can add.
export const MINT_CLOCK_MILLISECONDS_MAX = 2_000; // By how much the log's clock may be behind.
export const FEED_BLOCK_ID_BYTES_MAX = 128; // An Ed25519 signature has 64.
export const FEED_SHARDS_MAX = 2 ** 16;
export const GATEWAY_SHARDS_MAX = 256; // One isolate polls each; a deployment of more splits its gateways.
export const FEED_TABLES_KEPT_MAX = 8; // Four epochs within one entry's life is no accident.
export const HEAD_PAYLOAD_BYTES_MAX = 16 * 1024; // Every key, and every watermark of usual length.
// Of the payload, with room for 16 keys and all else.
export const HEAD_WATERMARKS_BYTES_MAX = 12 * 1024;
export const HEAD_BODY_BYTES_MAX = 24 * 1024; // Its base64url, and the signature.
export const HEAD_NEXT_UPDATE_SECONDS = 5; // What tier 3 insists on.
export const FEED_DELTA_ENTRIES_MAX = 1_024; // Some 84 kB of block ids.
export const FEED_DELTA_BYTES_MAX = 4 * 1024 * 1024; // 1,024 watermarks of 2 KiB are half.
export const FEED_DELTAS_MAX = 64; // In one go; whoever is further behind starts from a snapshot.
export const FEED_DELTAS_WORTH = 4; // Beyond so many, a newer snapshot costs less.
export const FEED_SWEEP_SECONDS = 60; // Between looks for what has expired: each reads every slot.
export const FEED_MESSAGE_BYTES_MAX = HEAD_BODY_BYTES_MAX + 4 + FEED_DELTA_BYTES_MAX;
export const FEED_MESSAGES_WAITING_MAX = 64; // Not yet verified, of one socket.
export const FEED_SILENCE_MILLISECONDS = 5_000; // A subscriber's head is as fresh as tier 3 asks.
export const FEED_RECONNECT_MILLISECONDS_MIN = 500;
export const FEED_RECONNECT_MILLISECONDS_MAX = 30_000;
// A head, its snapshot, and all deltas that anyone follows in one go.
export const FEED_FILE_BYTES_MAX = FEED_SNAPSHOT_BYTES_MAX + 8 * FEED_DELTA_BYTES_MAX;
export const FEED_EXPORT_MILLISECONDS_MAX = 60_000; // All of it, over a slow line.
export const FEED_KILLS_MAX = 64; // Kept for ever, unlike watermarks of the log.
export const KILL_PAYLOAD_BYTES_MAX = 4 * 1024; // One value of 2 KiB, and an issuer.
export const KILL_BODY_BYTES_MAX = 512 * 1024; // All of them, in base64url.
export const FEED_KILLS_MILLISECONDS = 30_000; // Between questions for them.
export const FEED_KILL_FETCH_MILLISECONDS_MAX = 1_000; // A first decision may wait for it.
export const FEED_KILL_COMMAND_MILLISECONDS_MAX = 10_000; // A person waits for that one.
export const FEED_FLOOR_SECONDS = 60; // Between writes of a floor whose position is the same.
export const SNAPSHOT_ENTRIES = 1_024; // A delta's worth: a verifier that was away reads one or two.
export const SNAPSHOT_SHARE = 8; // Of a large log, one when an eighth of what lives is new,
export const SNAPSHOT_ENTRIES_MAX = 16 * 1_024; // but never more than sixteen deltas behind it.
export const SNAPSHOT_SECONDS = 600; // For a log that moves slowly, so that it is compacted as well.
export const SUBSCRIBERS_MAX = 10_000; // Of one log; a Durable Object holds 32,768 sockets.
export const VERIFIERS_KNOWN_MAX = 20_000; // Some 4 MB of the log's 128.
export const VERIFIERS_SEEN_SECONDS = 300; // Whoever is silent for longer is not waited for.
export const VERIFIER_NAME_BYTES_MAX = 64;
export const CONFIRM_AGAIN_MILLISECONDS = 60_000; // A fifth of VERIFIERS_SEEN_SECONDS.
export const CONFIRM_RECORDS_MILLISECONDS = 250; // While records wait; what is later may be lost.
export const CONFIRM_MILLISECONDS_MAX = 2_000; // One confirmation on its way.
export const CONFIRM_POLL_MILLISECONDS = 100;
export const CONFIRM_WAIT_SECONDS_MAX = 10; // How long an operator's request stays open for them.
export const DRILL_VERIFIERS_MAX = 64; // Each is called some times a second.
export const DRILL_CALL_MILLISECONDS_MAX = 5_000; // A slower answer is none.
export const DRILL_ANSWER_BYTES_MAX = 64 * 1024; // A denial.
export const DRILL_COMMAND_MILLISECONDS_MAX = 30_000; // What fetches a token may ask a cloud first.
export const DRILL_MARGIN_MILLISECONDS = 10_000; // Beyond the bound, to see how late late is.
export const ARCHIVE_MILLISECONDS_MAX = 2_000; // How long a revocation waits for its second copy.
export const FEED_ANSWER_MILLISECONDS = 5_000; // The log, and its archive's 2 s within it.
export const STOP_RETRY_MILLISECONDS_MIN = 2_000;
export const STOP_RETRY_MILLISECONDS_MAX = 10_000; // A log that is back has the stop this soon.
export const GRANT_RETRY_MILLISECONDS_MAX = 300_000;
export const GRANT_WAIT_MILLISECONDS = 20_000; // Both logs hang, twice; then whoever asked is told.
export const BREAKER_ANSWER_MILLISECONDS = 5_000;
export const ARCHIVE_RETRY_MILLISECONDS = 2_000;
export const ARCHIVE_PURGE_SECONDS = 3_600; // Dead rows only take room.
export const HEAD_CACHED_SECONDS = 1; // For those who poll: at most that much later than the log.
export const FEED_POLL_MILLISECONDS = 1_000;
export const FEED_FETCH_MILLISECONDS_MAX = 5_000;
// A question that takes longer may be of a request that has ended: another one then asks beside it.
export const FEED_PATIENCE_MILLISECONDS = 1_000;
// After a failed question, and twice as long after each further one: a lost packet costs little.
export const FEED_RETRY_MILLISECONDS_MIN = 100;
export const FEED_RETRY_MILLISECONDS_MAX = 5_000; // As long as a question may take to fail.
export const HEAD_FUTURE_SECONDS_MAX = 60;
export const RECORDS_PER_BATCH_MAX = 100;
export const RECORD_BYTES_MAX = 48 * 1024; // Three identities, 16 datasets and a quoted check, escaped.
export const RECORDS_SEND_MILLISECONDS_MAX = 10_000; // Then the next response tries again.
export const RECORD_FIRST_MILLISECONDS_MAX = 5_000; // Before an irreversible call; its caller waits.
export const RECORD_LATE_MILLISECONDS = 300; // Waiting longer than a way to the issuer and back.
export const RECORDS_SILENT_SECONDS = 30; // After their number was told: a batch and its retries.
export const RECORD_COUNTS_MAX = 16; // Logs that one verifier tells of.
export const RECORD_OPEN_MILLISECONDS_MAX = 1_000; // How long a record waits for its outcome.
export const RECORDS_QUEUED_MAX = 1_000; // Waiting in a verifier whose sink does not answer.
export const AUDIT_ANSWER_MILLISECONDS = 5_000; // A log that hangs is one that does not answer.
export const OWED_WAIT_MILLISECONDS = 1_000; // Whoever stops something hears of it, recorded or not.
export const OWED_PER_BATCH_MAX = 64; // A root with all that may stand below it.
export const OWED_FAILURES_PER_RUN_MAX = 4; // After which it is the log, and not what it is given.
export const OWED_RETRY_MILLISECONDS_MIN = 2_000;
export const OWED_RETRY_MILLISECONDS_MAX = 300_000; // A log that was full is found empty soon.
export const AUDIT_RECORD_BYTES_MAX = 4 * 1024; // Longer parts are in it as digests.
export const AUDIT_RECORDS_PER_PAGE_MAX = 1_000;
// Of what is stored: an answer within an isolate has 32 MiB, and its copies share 128.
export const AUDIT_PAGE_BYTES_MAX = 2 * 1024 * 1024;
// Of 10 GB that one object holds: what strangers and agents cause is refused first, then what
// grants power; what takes power away has the last of it.
export const AUDIT_DECISIONS_BYTES_MAX = 8_000_000_000;
export const AUDIT_GRANTS_BYTES_MAX = 9_000_000_000;
export const REFUSALS_PER_AGENT_HOUR_MAX = 60; // In full; the others are counted by the minute.
export const REFUSAL_CODES_PER_MINUTE_MAX = 32; // Counted apart, of one agent or of all strangers.
export const REFUSAL_SAMPLES_PER_MINUTE_MAX = 4; // Of about 600 bytes: as many as a record holds.

// What an operator writes: too large is a wrong file, and the policy is read anew for each grant.
export const CATALOGUE_BYTES_MAX = 256 * 1024;
export const CATALOGUE_SINKS_MAX = 16; // Of one tool, as many as a call has datasets.
export const POLICY_BYTES_MAX = 64 * 1024;

// What waits for a person: ten minutes to look up, at the interval of RFC 8628 section 3.2.
export const APPROVAL_PENDING_SECONDS = 600;
export const APPROVAL_INTERVAL_SECONDS = 5;
export const APPROVAL_INTERVAL_SECONDS_MAX = 60; // Where `slow_down` stops adding to it.
export const APPROVAL_KEPT_SECONDS = 3_600; // After its end; a refused question stays refused.
// Of one agent: as many at once as a person reads with care, and six such lists in an hour.
export const APPROVALS_PENDING_PER_AGENT_MAX = 8;
export const APPROVALS_HELD_PER_AGENT_MAX = 48;
export const APPROVALS_PENDING_MAX = 1_000; // Of all agents: more is a flood and no list.
export const APPROVALS_PER_PAGE_MAX = 50; // A question of 32 grants with constraints has 60 kB.
export const APPROVALS_PURGED_PER_RUN_MAX = 1_000; // Keeps one run of the alarm short.
export const APPROVER_LENGTH_MAX = 256;

// The keys of an identity provider.
export const KEYS_FETCH_MILLISECONDS_MAX = 5_000;
export const KEYS_AGE_MILLISECONDS_MAX = 10 * 60 * 1_000; // How long a withdrawn key still counts.
export const KEYS_COOLDOWN_MILLISECONDS = 30_000; // Between fetches that unknown key ids provoke.
export const KEYS_RETRY_MILLISECONDS = 5_000; // After a fetch that failed.

// The keys of a SPIFFE trust domain: Trust Domain and Bundle section 4.1.2 says five minutes.
export const BUNDLE_REFRESH_MILLISECONDS = 5 * 60 * 1_000;
export const BUNDLE_REFRESH_MILLISECONDS_MIN = 10_000; // Whatever a domain's hint asks for.
export const BUNDLE_KEYS_MAX = 64; // A token without a key id is tried against each.

// Client assertions and the actors before: what a request proves once, and what is recorded.
export const ASSERTION_SECONDS_MAX = 300; // Each is remembered for as long, plus the clock skew.
export const JTI_LENGTH_MAX = 256;
export const ACTORS_RECORDED_MAX = 8; // Like the ancestors of a workflow.
export const ACTOR_LENGTH_MAX = 512;

// What may be used once: bounded by requests times the lifetime of an assertion.
export const REPLAY_PURGE_SECONDS = 60;
export const REPLAYS_PURGED_PER_RUN_MAX = 10_000; // Keeps one run of the alarm short.

// Signals: the standard shapes in which others learn how a workflow stands.
export const STATUS_LIST_ENTRIES = 65_536; // 16 KiB at two bits: many workflows to hide among.
export const STATUS_LIST_TAKEN_MAX = 49_152; // Three quarters: a free index takes four draws.
export const STATUS_LIST_DRAWS_MAX = 64; // All of them taken, at three quarters: one in 10^8 lists.
export const STATUS_LIST_OPEN_SECONDS = 24 * 3_600; // Then the next list: an old one has to die.
export const STATUS_LIST_TTL_SECONDS = 60; // As fresh as an internal read (tier 1).
export const STATUS_LIST_SECONDS = 600; // Signed for so long: who cannot ask again stops.
export const STATUS_LIST_SIGNED_MILLISECONDS = 1_000; // Between two signatures; strangers ask.
export const STATUS_LIST_PURGE_SECONDS = 3_600;
export const STATUS_TOKEN_BYTES_MAX = 256 * 1024; // Of anybody's list, before it is parsed.
export const STATUS_LIST_BYTES_MAX = 1024 * 1024; // Unpacked: four million workflows.
export const SIGNAL_STREAMS_MAX = 16; // Each is one more copy of every event.
export const SIGNAL_QUEUE_MAX = 1_000; // Events that wait in one stream.
export const SIGNAL_EVENT_SECONDS = 24 * 3_600; // Then no token is left that it could tell of.
export const SIGNAL_POLL_EVENTS_MAX = 100; // In one answer, about 1 KiB each.
export const SIGNAL_POLL_BYTES_MAX = 128 * 1024; // A whole queue of acknowledgements.
export const SIGNAL_PUSHES_PER_RUN_MAX = 32; // Of one stream, in one run of the alarm.
export const SIGNAL_PUSH_MILLISECONDS_MAX = 10_000;
export const SIGNAL_PUSH_ANSWER_BYTES_MAX = 4 * 1024; // A code and a sentence (RFC 8935 2.3).
export const SIGNAL_RETRY_SECONDS_MIN = 2;
export const SIGNAL_RETRY_SECONDS_MAX = 900;
export const SIGNAL_REFUSALS_MAX = 5; // Of one event: its receiver will not take it.
export const SIGNAL_JTI_LENGTH_MAX = 128; // Ours have 43 characters.
export const SIGNAL_STATE_LENGTH_MAX = 256; // What a receiver wants to read again.
export const SIGNAL_VERIFY_SECONDS_MIN = 30; // Between verifications that a receiver asks for.
export const SIGNAL_URL_LENGTH_MAX = 2_048;
export const SIGNAL_AUTHORIZATION_LENGTH_MAX = 4_096;
export const SIGNALS_UNTOLD_RETRY_SECONDS = 10; // After a change that nobody could be told.
