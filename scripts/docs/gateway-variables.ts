import type { GatewayEnv } from '../../workers/gateway/index.ts';
import { KEYS, RANDOM, rate, renderVariables, URL_FORM, type Variable } from './variable.ts';

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
  FEED_WITNESSES: {
    kind: 'var, optional',
    form: 'A policy of [C2SP tlog-policy](https://c2sp.org/tlog-policy): `log` with the log key of the issuer, `witness` lines, and a `quorum` that is not `none`',
    purpose:
      'Without their quorum, a head of the feed stops calls and allows none ([Witnesses](feed.md#witnesses)).',
    source:
      'The issuer must have the same witnesses in `WITNESSES`, before the gateway asks for them.',
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
  RECEIPT_KEY: {
    kind: 'secret, optional',
    form: '`ed25519-private/` and 64 lower-case hex digits; none of the other keys',
    purpose:
      'Signs receipts of what was read. Without it, or while the feed does not name its public half, the gateway signs none.',
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

/** Renders the variables, secrets and bindings of the gateway. */
export const renderGatewayVariables = (): string => renderVariables(GATEWAY);
