import type { GatewayEnv } from '../../workers/gateway/index.ts';
import type { IssuerEnv } from '../../workers/issuer/index.ts';
import { markdownTable } from './table.ts';

/** One variable, secret or binding of a Worker, as its reference page describes it. */
interface Variable {
  /** Kind, followed by `, optional` if the Worker runs without it. */
  readonly kind: string;
  readonly form: string;
  readonly purpose: string;
  /** Where the value comes from, or how to make it. */
  readonly source: string;
}

const KEYS = '`hewn deploy` generates it: see [Deploy](../guides/platform-engineer.md#4-deploy).';
const URL_FORM =
  'An absolute http(s) URL in its shortest spelling, without a slash at the end, query, fragment or user info';
const RANDOM = '32 random bytes in hex.';
const IN_FILE = 'In `wrangler.toml`.';
const object = (purpose: string): Variable => ({
  kind: 'binding',
  form: 'Durable Object',
  purpose,
  source: IN_FILE,
});
const rate = (purpose: string, file: string): Variable => ({
  kind: 'binding, optional',
  form: 'rate limit',
  purpose,
  source: `In \`${file}\`.`,
});

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
  REPLAY_STORE: object('What may be used once, and was used.'),
  BREAKER: object('Counts what the deviation rules stop, and holds a rule back.'),
  STATUS_LIST: object('Status lists.'),
  SIGNAL_STREAMS: object('Streams of security events.'),
  APPROVALS: object('Questions that wait for a person, and their answers.'),
  VERSIONS: object('The versions of policy and catalogue, and which of them is active.'),
};

const GATEWAY: Readonly<Record<keyof GatewayEnv, Variable>> = {
  ISSUER: {
    kind: 'var',
    form: URL_FORM,
    purpose: 'The only issuer whose tokens are accepted.',
    source: "The issuer's `ISSUER`, byte for byte.",
  },
  AUDIENCE: {
    kind: 'var',
    form: 'As `ISSUER`',
    purpose: 'This gateway, as tokens name it. Agents send their requests to its origin.',
    source: 'The URL of the deployed gateway.',
  },
  FEED_PUBLIC_KEY: {
    kind: 'var',
    form: '64 lower-case hex digits; two such with a space between them while the key is [replaced](../guides/operator.md#replace-a-key)',
    purpose: 'The public half of the feed key: the only key that a verifier must be told.',
    source: 'Shown by `hewn keys list`; in the JWKS, the key with `"hewn_use":"feed"`.',
  },
  UPSTREAMS: {
    kind: 'var',
    form: 'JSON: `{"files":"https://…/mcp"}`, or an object with the keys of [an upstream](deployment-file.md#upstreams) instead of the URL',
    purpose:
      'The servers behind the gateway, by the name in `/mcp/<server>` and `mcp/<server>/<tool>`.',
    source: 'Your servers.',
  },
  MCP_UPSTREAMS: {
    kind: 'var, optional',
    form: 'JSON: `{"files":"https://…/mcp"}`',
    purpose:
      'The form of version 0.3.0: URLs of MCP servers, which may be private addresses. Read only if there is no `UPSTREAMS`.',
    source: 'A deployment of that version.',
  },
  ISSUER_KEYS: {
    kind: 'var, optional',
    form: 'JSON: `[{"id":1,"publicKey":"<64 hex digits>"}]`',
    purpose:
      "Pins the accepted root keys. Without it they are those of the feed's head, which the issuer rotates.",
    source:
      'From the issuer\'s JWKS: each key with `"hewn_use":"mint"`, its `hewn_key_id`, and its `x` in hex.',
  },
  FEED_SHARDS: {
    kind: 'var, optional',
    form: '1 to 256; default 1',
    purpose:
      'The number of logs that the issuer splits revocations over. A gateway that follows fewer denies the tokens of the others with `head_missing`, so raise it here first.',
    source: "The issuer's `FEED_SHARDS`.",
  },
  KILL_PUBLIC_KEY: {
    kind: 'var, optional',
    form: '64 hex digits; requires `KILL_URL`',
    purpose:
      "The public half of an operator's offline key, whose statements stop whatever they name: see [Stop without the issuer](../guides/operator.md#stop-without-the-issuer).",
    source: '`hewn kill new-key`',
  },
  KILL_URL: {
    kind: 'var, optional',
    form: 'URL',
    purpose: 'Where the list of those statements is served, on a host other than the issuer.',
    source: 'A static host of yours.',
  },
  DPOP_NONCE_SECRET: {
    kind: 'secret, optional',
    form: '64 hex digits',
    purpose:
      'Makes the gateway require a nonce in every DPoP proof. The key that seals MCP sessions is derived from it, or without it from a secret that the issuer makes for `AUDIENCE`.',
    source: `${RANDOM} Not the issuer's.`,
  },
  CALLER_KEY: {
    kind: 'secret, optional',
    form: '`ed25519-private/` and 64 lower-case hex digits; two such with a space between them while one is replaced, the new one first',
    purpose:
      'Signs [who is calling](../guides/upstreams.md#who-is-calling) for the servers behind the gateway. Required if `caller` of an upstream is `signed`, which is the default.',
    source: KEYS,
  },
  SEAL_KEYS: {
    kind: 'secret, optional',
    form: '`x25519-private/` and 64 lower-case hex digits; two such with a space between them while one is replaced',
    purpose:
      'Opens [sealed secrets](../guides/upstreams.md#sealed-secrets). Required if a credential is `sealed`.',
    source: KEYS,
  },
  STEP_UP_CHALLENGE: {
    kind: 'var, optional',
    form: '`header` or `none`; default `none`',
    purpose:
      "Whether a denial for a missing grant also carries MCP's `insufficient_scope` header. Only for clients that also keep the body: the SDK's reacts with a browser login.",
    source: 'See [Step-up](step-up.md).',
  },
  DENIAL_FORM: {
    kind: 'var, optional',
    form: '`result` or `error`; default `result`',
    purpose:
      'Whether a denied `tools/call` is a result with `isError`, whose text a model reads, or a JSON-RPC error with the HTTP status of its code.',
    source: 'See [the MCP gateway](gateway.md#denials).',
  },
  ALLOWED_ORIGINS: {
    kind: 'var, optional',
    form: 'JSON: `["https://app.example"]`; default `[]`',
    purpose:
      'The origins of web pages that may call the gateway. A request with any other `Origin` is denied.',
    source: 'See [the MCP gateway](gateway.md#web-pages).',
  },
  SOURCE_HEADER: {
    kind: 'var, optional',
    form: 'The name of an HTTP header',
    purpose: 'As for the issuer.',
    source: '`cf-connecting-ip` on Cloudflare.',
  },
  RATE_LIMITS: {
    kind: 'var, optional',
    form: 'JSON: an object of requests per minute: `requestPerSource` (6,000), `requestShared` (60,000), `requestPerWorkflow` (3,000)',
    purpose: 'Changes to the [rate limits](rate-limits.md).',
    source: 'As for the issuer.',
  },
  SOURCE_RATE: rate(
    'Counts requests of a source across the isolates of a location.',
    'workers/gateway/wrangler.toml',
  ),
  WORKFLOW_RATE: rate('The same for requests of a workflow.', 'workers/gateway/wrangler.toml'),
  ISSUER_FEED: {
    kind: 'binding',
    form: 'service `issuer`',
    purpose: 'How the gateway reaches the feed.',
    source: 'In `workers/gateway/wrangler.toml`.',
  },
  ISSUER_RECORDS: {
    kind: 'binding',
    form: 'service `issuer`, entrypoint `DecisionSink`',
    purpose: 'How decision records reach the audit log, and charges reach budgets.',
    source: 'In `workers/gateway/wrangler.toml`.',
  },
};

const render = (variables: Readonly<Record<string, Variable>>): string =>
  markdownTable(
    ['name', 'kind', 'form', 'purpose', 'source'],
    Object.entries(variables).map(([name, { kind, form, purpose, source }]) => [
      `\`${name}\``,
      kind,
      form,
      purpose,
      source,
    ]),
  );

/** Renders the variables, secrets and bindings of the issuer. */
export const renderIssuerVariables = (): string => render(ISSUER);

/** Renders those of the gateway. */
export const renderGatewayVariables = (): string => render(GATEWAY);
