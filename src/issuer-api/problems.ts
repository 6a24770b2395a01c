import type { JsonObject } from '../canonical-json.ts';
import { ADMIN_REQUEST_BYTES_MAX, FEED_WATERMARKS_MAX, SIGNAL_STREAMS_MAX } from '../limits.ts';
import { APPROVAL_PROBLEMS } from './approval-problems.ts';
import { OPERATOR_PROBLEMS, type Problem } from './operator-problems.ts';

/**
 * Every problem that an admin route, the feed or an agent's own routes answer with. The key is the
 * `error` on the wire. The status, the default message and the advice in docs/reference/codes.md
 * come from here. A handler can only answer with a problem that its route lists.
 */
export const PROBLEMS = {
  invalid_request: {
    status: 400,
    message: 'The request is invalid.',
    advice: 'Correct the member or parameter that the message names.',
  },
  ...OPERATOR_PROBLEMS,
  body_too_large: {
    status: 413,
    message: `The body is larger than ${ADMIN_REQUEST_BYTES_MAX / 1024} KiB.`,
    advice: 'Shorten the reason or the list in the body.',
  },
  workflow_unknown: {
    status: 404,
    message: 'No workflow has this id.',
    advice:
      'Copy the id from the audit trail. To revoke an id whose workflow was lost, send `"even_unknown":true`.',
  },
  move_refused: {
    status: 409,
    message: 'The workflow is in a state that does not allow this.',
    advice:
      'The message names the state. Only an active workflow can be suspended, and only a suspended one resumed.',
  },
  feed_unavailable: {
    status: 503,
    message: 'Accepted, but not in force yet: the revocation log did not answer.',
    advice:
      'The issuer retries until the log answers. Sending the same order again is safe and has the same result.',
  },
  audit_unavailable: {
    status: 503,
    message:
      'Accepted, but not in force yet: the audit log must record this first, and it did not answer.',
    advice:
      'Orders that grant power are recorded before they take effect. Check the audit log, then send the same order again.',
  },
  rule_not_tripped: {
    status: 404,
    message: 'The breaker is not holding back a rule of this name.',
    advice: 'Name the rule as `hewn rules list` shows it, with its version: `out-of-scope@1`.',
  },
  ...APPROVAL_PROBLEMS,
  denied_by_operator: {
    status: 409,
    message: 'An operator denies what this request asks for. `hewn deny list` shows the denials.',
    advice: 'Lift the denial first, or refuse the request.',
  },
  denials_unavailable: {
    status: 503,
    message: 'The denials could not be read.',
    advice: 'Nothing was approved. Try again when the revocation log answers.',
  },
  scope_unknown: {
    status: 404,
    message: 'No token can carry this value under the current configuration.',
    advice: 'The message says which spelling is expected. `"even_unknown":true` sets it anyway.',
  },
  watermarks_full: {
    status: 409,
    message: 'The head of the feed has no room for another watermark or denied tool.',
    advice: `A head carries at most ${FEED_WATERMARKS_MAX} of them, fewer if their values are long. One watermark of scope \`all\` stops whatever the others would.`,
  },
  watermark_unknown: {
    status: 404,
    message: 'No watermark with this scope and value is in force.',
    advice: '`hewn watermark` lists the watermarks in force.',
  },
  watermark_needed: {
    status: 409,
    message: 'The watermark still stops a token that may not have expired yet.',
    advice: 'The message says until when. The watermark ends by itself.',
  },
  denials_full: {
    status: 409,
    message: 'The maximum number of denials is reached: every mint reads all of them.',
    advice: 'Lift one, or remove the party from the policy instead.',
  },
  denial_unknown: {
    status: 404,
    message: 'No denial has this scope and value.',
    advice: '`hewn deny list` lists the denials in force.',
  },
  log_unknown: {
    status: 404,
    message: 'No log has this name.',
    advice:
      '`hewn audit search` shows the log of each record: `control`, or `decisions-1-0` and the like.',
  },
  record_unknown: {
    status: 404,
    message: 'The log has no record at this position.',
    advice: 'Take log and index from `hewn audit search`. Retention may have deleted the record.',
  },
  log_unsigned: {
    status: 503,
    message: 'The log has no signed checkpoint that covers this record.',
    advice:
      '`hewn doctor` says why: `LOG_KEY` is missing, the archive does not answer, or the log has stopped.',
  },
  subject_unknown: {
    status: 404,
    message: 'No record about this subject is under a key.',
    advice:
      'Spell the subject as records do: with its issuer, such as `local-idp#alice`. If it was erased before, there is nothing left to erase.',
  },
  subject_held: {
    status: 409,
    message: 'A legal hold on this subject forbids the erasure.',
    advice: '`hewn audit holds` lists the holds with their reasons.',
  },
  keys_full: {
    status: 409,
    message: 'The list of keys has no room: every head carries it.',
    advice: 'Remove a key that no gateway and no approver uses any more: `hewn keys published`.',
  },
  key_removed: {
    status: 409,
    message: 'This key was removed before, and a removed key is never added again.',
    advice:
      'Generate another key. For a gateway, delete `RECEIPT_KEY` from `.hewn/<environment>/secrets.json` and deploy; for the approvals of the issuer, `APPROVER_KEY`.',
  },
  key_conflict: {
    status: 409,
    message: 'A list has this key already, with other facts.',
    advice: 'Use a key of its own for each gateway and each approver.',
  },
  key_unknown: {
    status: 404,
    message: 'The list has no key with this id.',
    advice: '`hewn keys published` lists the keys.',
  },
  hold_unknown: {
    status: 404,
    message: 'No legal hold has this id.',
    advice: '`hewn audit holds` lists the holds.',
  },
  archive_unavailable: {
    status: 503,
    message: 'The newest records are not in the archive yet, and the archive did not take them.',
    advice: 'Nothing was changed. Send the same order again when the archive answers.',
  },
  stream_unknown: {
    status: 404,
    message: 'No stream has this id.',
    advice: '`hewn streams list` shows the streams.',
  },
  stream_disabled: {
    status: 409,
    message: 'A disabled stream carries no events.',
    advice: 'Enable the stream first.',
  },
  streams_count: {
    status: 409,
    message: `There are ${SIGNAL_STREAMS_MAX} streams already.`,
    advice: 'Remove a stream that is no longer read.',
  },
  target_unknown: {
    status: 404,
    message: 'No target of notifications has this name.',
    advice: '`hewn notifications list` shows the targets of `hewn.toml`.',
  },
  endpoint_refused: {
    status: 400,
    message: 'Events are only pushed to an https URL without user info, query or fragment.',
    advice: 'Correct `delivery.endpoint_url`.',
  },
  not_active: {
    status: 409,
    message: 'The workflow is not active.',
    advice: 'It has already ended, or is suspended. Nothing changed.',
  },
  capability_narrowed: {
    status: 403,
    message: 'A narrowed capability cannot end its workflow.',
    advice: 'Send the capability that the issuer minted.',
  },
  invalid_token: {
    status: 401,
    message:
      'A live capability of this workflow is required, with a proof of its key if it has one.',
    advice: 'The capability is expired, revoked or unproven, or belongs to another workflow.',
  },
  use_dpop_nonce: {
    status: 401,
    message: 'The DPoP proof must contain the nonce of the DPoP-Nonce header.',
    advice: 'Send the request again with a proof that contains that nonce (RFC 9449 section 8).',
  },
  origin_unknown: {
    status: 404,
    message: 'This issuer has no audit log of that origin.',
    advice: 'The origin is `default`. Another one is that of another issuer.',
  },
  too_many_reports: {
    status: 429,
    message: 'Too many requests or records with this credential.',
    advice:
      'The recorder keeps its records and tries again. If honest traffic is that high, raise `reportPerVerifier` or `recordsPerVerifier` in RATE_LIMITS.',
  },
  records_unwritten: {
    status: 503,
    message: 'The audit log took none of these records.',
    advice:
      'The recorder keeps them and tries again. If it continues, see whether the log is full: its log line is `audit.full`.',
  },
  version_unknown: {
    status: 404,
    message: 'The issuer has no version with this id.',
    advice: '`hewn versions list` lists the versions. Load it again if it was dropped.',
  },
  version_invalid: {
    status: 422,
    message: 'The version does not load. Nothing was stored.',
    advice:
      '`detail.faults` has every fault with its file and line; `hewn check` finds them earlier.',
  },
  version_conflict: {
    status: 409,
    message: 'Another version is active than the one that this order expects.',
    advice:
      'Someone activated another version since. `detail` has both ids: compare them with `hewn versions diff`, then decide again.',
  },
  range_unknown: {
    status: 404,
    message: 'The feed does not have this delta or snapshot, or no longer has it.',
    advice: 'Start from the newest head.',
  },
  log_part_unknown: {
    status: 404,
    message: 'No log of that name has this part.',
    advice:
      'Read the checkpoint first, and ask only for tiles that its size implies. If a partial tile is gone, ask for the full one.',
  },
  catalogue_unknown: {
    status: 404,
    message: 'No catalogue with this hash is stored.',
    advice: 'Ask for the hash in the newest head, or in the capability.',
  },
  catalogue_unavailable: {
    status: 503,
    message: 'The stored catalogues cannot be read right now.',
    advice: 'Retry after the time in `Retry-After`.',
  },
  upgrade_required: {
    status: 426,
    message: 'This route requires a WebSocket.',
    advice: 'Send `Upgrade: websocket`.',
  },
} as const satisfies Readonly<Record<string, Problem>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** A refusal of one of `Code`, as a handler returns it. */
export interface Refusal<Code extends ProblemCode = ProblemCode> {
  readonly code: Code;
  /** Replaces the message of the table where the input or the state is known. */
  readonly message?: string;
  readonly retryAfterSeconds?: number;
  /** What a program needs to know beside the code. */
  readonly detail?: JsonObject;
}
