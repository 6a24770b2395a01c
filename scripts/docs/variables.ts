import type { IssuerEnv } from '../../workers/issuer/index.ts';
import {
  KEYS,
  object,
  RANDOM,
  rate,
  renderVariables,
  URL_FORM,
  type Variable,
} from './variable.ts';

// A name that is missing here, or that the Worker does not have, does not compile.
const ISSUER: Readonly<Record<keyof IssuerEnv, Variable>> = {
  ISSUER: {
    kind: 'var',
    form: URL_FORM,
    purpose:
      "The issuer's own URL, as tokens, metadata and heads spell it. Identity tokens may carry it as `aud`, if `IDENTITY_ISSUERS` says so.",
    source: 'The URL of the deployed Worker.',
  },
  AUDIENCES: {
    kind: 'var',
    form: 'JSON: a list of such URLs, at least one',
    purpose: 'The resource servers that capabilities may be minted for. Any other is refused.',
    source: "The gateway's URL, and the URL of each API with its own verifier.",
  },
  IDENTITY_ISSUERS: {
    kind: 'var',
    form: 'JSON: a list of objects, see [below](#identity-issuers)',
    purpose: 'Whose JWTs prove a workload or a user.',
    source: "From each identity provider's discovery document.",
  },
  MINT_KEYS: {
    kind: 'secret',
    form: 'JSON: `[{"id":1,"key":"ed25519-private/<64 hex digits>","state":"active"}]`',
    purpose:
      'The root keys. Exactly one is `active` and signs capabilities. Verifiers accept a `published` key, but it signs nothing. A `retired` key is no longer accepted and needs no `key`.',
    source: KEYS,
  },
  FEED_KEY: {
    kind: 'secret',
    form: '`ed25519-private/` and 64 lower-case hex digits; not a root key',
    purpose: 'Signs the heads of the feed.',
    source: KEYS,
  },
  OPERATOR_SHA256: {
    kind: 'secret',
    form: '64 lower-case hex digits',
    purpose: 'SHA-256 of the operator credential.',
    source: KEYS,
  },
  LOG_KEY: {
    kind: 'secret, optional',
    form: '`ed25519-private/` and 64 lower-case hex digits; none of the other keys',
    purpose:
      'Signs the checkpoints of the [audit log](audit-log.md). Without it, records are appended and no one can check them: `/readyz` says so.',
    source: KEYS,
  },
  APPROVER_KEY: {
    kind: 'secret, optional',
    form: '`ed25519-private/` and 64 lower-case hex digits; none of the other keys',
    purpose:
      'Signs the approvals of single calls. Without it, or while the feed does not name its public half, none can be approved.',
    source: KEYS,
  },
  OPERATOR_DIRECTORY: {
    kind: 'var, optional',
    form: 'JSON: an object like `[operators]` of [hewn.toml](deployment-file.md#operators)',
    purpose:
      'Where operators sign in, and which roles they have. Without it, only the two credentials are accepted.',
    source: '`[operators]` in `hewn.toml`.',
  },
  AUDITOR_SHA256: {
    kind: 'var, optional',
    form: '64 lower-case hex digits; not that of the operator',
    purpose:
      'SHA-256 of the credential of an auditor, who may read the audit log and nothing else.',
    source: '32 random bytes for the credential.',
  },
  WITNESSES: {
    kind: 'var, optional',
    form: 'A policy of [C2SP tlog-policy](https://c2sp.org/tlog-policy)',
    purpose:
      'Who cosigns the checkpoints of the audit log, at which URL, and how many of them make a quorum.',
    source: 'The operators of witnesses publish their keys and URLs.',
  },
  LOG_GENERATION: {
    kind: 'var, optional',
    form: 'A number from 1 to 999,999,999,999',
    purpose:
      'Stands in the origins of the logs and of the feed. Under a greater number, they are new logs to witnesses.',
    source: 'The seconds since 1970, when `hewn restore` or a repair needs it.',
  },
  AUDIT_RETENTION: {
    kind: 'var, optional',
    form: 'JSON: an object from `control`, `decisions` or `old` to a number of months',
    purpose: 'After how many months the records of a log are deleted. Without it, never.',
    source: 'The rules that apply to your records.',
  },
  FEED_SHARDS: {
    kind: 'var, optional',
    form: '1 to 65,536; default 1',
    purpose:
      'The number of logs that revocations are split over. Read [Scale](../explanation/scale.md) before you raise it, and never lower it.',
    source: '`1`',
  },
  DPOP_NONCE_SECRET: {
    kind: 'secret, optional',
    form: '64 hex digits',
    purpose: 'Makes the token endpoint require a nonce in every DPoP proof.',
    source: RANDOM,
  },
  VERIFIER_CREDENTIALS: {
    kind: 'var, optional',
    form: 'JSON: `[{"audience":"https://…","sha256":"<64 hex digits>"}]`',
    purpose:
      'Which verifiers may introspect tokens of an audience, and [record and count](audit-log.md#from-other-verifiers) its calls, by the SHA-256 of a credential. Without it, only the operator may introspect, and only gateways record.',
    source: '32 random bytes for each credential.',
  },
  DEVIATION_RULES: {
    kind: 'var, optional',
    form: 'JSON: an object from rule ids to `"shadow"` or `"off"`',
    purpose:
      'Changes to the [deviation rules](workflow.md#deviation-rules). A rule in `shadow` is recorded and does nothing. Every rule that is not named acts.',
    source: 'Put a rule in shadow while you watch what it would do.',
  },
  TRIPWIRES: {
    kind: 'var, optional',
    form: 'JSON: `{"tools":[…],"datasets":[…]}`',
    purpose:
      'Names that no one is ever granted. Touching one revokes the root workflow. A name that no call can have is a configuration fault.',
    source: 'A tool and a folder that you make up and that no policy grants.',
  },
  SIGNAL_KEY: {
    kind: 'secret, optional',
    form: '`ed25519-private/` and 64 lower-case hex digits; none of the other keys',
    purpose:
      'Signs status lists and security events. Without it there are none. See [Signals](signals.md).',
    source: RANDOM,
  },
  SIGNAL_LOOPBACK: {
    kind: 'var, optional',
    form: '`allowed`',
    purpose: 'Allows security events to be pushed to http on 127.0.0.1.',
    source: 'Only for a local deployment that no one else can reach.',
  },
  SOURCE_HEADER: {
    kind: 'var, optional',
    form: 'The name of an HTTP header',
    purpose:
      'The header in which the platform, and no client, writes the source address of a request. Without it, all requests share one bucket.',
    source: '`cf-connecting-ip` on Cloudflare.',
  },
  RATE_LIMITS: {
    kind: 'var, optional',
    form: 'JSON: an object of requests per minute, each from 1 to 10,000,000: `tokenPerSource` (600), `tokenShared` (6,000), `tokenPerAgent` (600), `questionPerSource` (6,000), `questionShared` (60,000), `reportPerVerifier` (12,000), `recordsPerVerifier` (30,000)',
    purpose: 'Changes to the [rate limits](rate-limits.md).',
    source: 'Leave it out until the log shows `rate.limited` for honest requests.',
  },
  MINT_CHECK_EVERY: {
    kind: 'var, optional',
    form: 'A whole number from 1 to 10,000',
    purpose:
      'The reference implementation of Biscuit checks the first capability that an isolate signs, and every n-th after it, before it is handed out: 64 if absent. After a fault (`mint.fault` in the log) the isolate signs with the reference.',
    source: '1 checks every capability, for about a millisecond of CPU time each.',
  },
  DRILL: {
    kind: 'var, optional',
    form: 'JSON: `{"every":60,"within":15}`, in seconds',
    purpose:
      'The scheduled drill: it stops a canary workflow every so often, and alarms if a verifier takes longer to report the stop. Without it, or without `every`, no drill is scheduled.',
    source: '`[drill]` of `hewn.toml`.',
  },
  NOTIFY: {
    kind: 'var, optional',
    form: 'JSON: a list of targets',
    purpose: 'Where [notifications](notifications.md) are sent. Never their secrets.',
    source: '`[notify.NAME]` of `hewn.toml`.',
  },
  NOTIFY_SECRETS: {
    kind: 'secret, optional',
    form: 'JSON: an object with the secret of each target, by its name',
    purpose:
      'The key with which a webhook is signed (`whsec_…`), the URL of a Slack webhook, or the `Authorization` header of a mail API.',
    source: 'The receivers. A key for a webhook is 24 to 64 random bytes in base64.',
  },
  TOKEN_RATE: rate(
    'Counts token requests of a source across the isolates of a location.',
    'wrangler.toml',
  ),
  AGENT_RATE: rate('The same for token requests of an agent.', 'wrangler.toml'),
  QUESTION_RATE: rate(
    'The same for feed requests, introspections and revocations of a source.',
    'wrangler.toml',
  ),
  WORKFLOW: object('One object for each root workflow.'),
  REVOCATION_LOG: object('The log behind the feed.'),
  FEED_ARCHIVE: object('A second copy of the log: see [Restore](../guides/operator.md#restore).'),
  AUDIT_LOG: object('The audit log.'),
  LOG: object('The transparency logs: an object for each.'),
  TILE_STORE: object('The archive of each log, where no bucket is bound as `ARCHIVE`.'),
  ACTIVITY: object('The index of workflows that operators search, derived from the logs.'),
  SUBJECT_KEYS: object('The keys that encrypt personal members of records.'),
  ARCHIVE: {
    kind: 'binding, optional',
    form: 'An R2 bucket',
    purpose:
      'The archive of the logs. Without it, `TILE_STORE` has the archive. Do not bind it later or remove it: the archive is not moved.',
    source: 'wrangler.toml',
  },
  REPLAY_STORE: object('What may be used once, and was used.'),
  BREAKER: object('Counts what the deviation rules stop, and holds a rule back.'),
  STATUS_LIST: object('Status lists.'),
  SIGNAL_STREAMS: object('Streams of security events.'),
  APPROVALS: object('Questions that wait for a person, and their answers.'),
  OPERATORS: object('The sessions of operators.'),
  TALLY: object('What rules over history count for an agent, subject or owner.'),
  VERSIONS: object('The versions of policy and catalogue, and which of them is active.'),
  WATCHDOG: object('The scheduled drill, and the notifications that wait.'),
};

/** Renders the variables, secrets and bindings of the issuer. */
export const renderIssuerVariables = (): string => renderVariables(ISSUER);
