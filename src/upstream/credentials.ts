import * as v from 'valibot';
import { checkedText } from '../checked-text.ts';
import { isPlainUrl } from './address.ts';

/**
 * What a deployment says about the credential of an upstream. A secret is named and never written:
 * `secret` is the name of a secret of the gateway's Worker, and `sealed` is a text that only the
 * gateway can open, for the hosts, methods and paths that are sealed with it.
 */

const secretName = checkedText(
  (text) => /^[A-Z][A-Z0-9_]{0,63}$/.test(text) && !RESERVED.has(text),
  'the name of a secret of its own: capital letters, digits and "_"',
);

const sealedText = checkedText(
  (text) => /^hewn-sealed\.[\w-]{1,4096}\.[\w-]{1,256}\.[\w-]{1,16384}$/.test(text),
  'a text that `hewn seal` wrote',
);

const text = (lengthMax: number) =>
  checkedText(
    (value) => /^[\x20-\x7e]+$/.test(value) && value.length <= lengthMax,
    `visible ASCII, at most ${lengthMax} characters`,
  );

const httpsUrl = checkedText(
  isPlainUrl,
  'an https URL (http only to an address that "addresses" lists) without user info and fragment',
);

const headerName = checkedText(
  (value) => /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/.test(value) && !isUnsafeHeader(value),
  'the name of an HTTP header that carries a credential, such as "x-api-key"',
);

/** Headers that decide where a message ends or goes. */
const isUnsafeHeader = (name: string): boolean =>
  /^(?:host|connection|content-(?:length|type|encoding)|transfer-encoding|te|trailer|upgrade|expect|accept(?:-.*)?|hewn-.*|x-hewn-.*|mcp-.*)$/i.test(
    name,
  );

/** Where a secret comes from: exactly one of the two. */
const SECRET = { secret: v.exactOptional(secretName), sealed: v.exactOptional(sealedText) };

const OAUTH = {
  tokenEndpoint: httpsUrl,
  clientId: text(512),
  authentication: v.exactOptional(
    v.picklist(['client_secret_basic', 'client_secret_post', 'private_key_jwt']),
  ),
  /** The issuer identifier of the server, which an assertion names as its audience. */
  issuer: v.exactOptional(httpsUrl),
  keyId: v.exactOptional(text(256)),
  scope: v.exactOptional(text(1_024)),
  audience: v.exactOptional(text(512)),
  resource: v.exactOptional(httpsUrl),
};

/** Where the tokens of a GitHub App are issued, unless `api` says otherwise. */
export const GITHUB_API = 'https://api.github.com';

/** The kinds of credentials. A new kind also needs its file in workers/gateway/upstream. */
export const CREDENTIALS = {
  header: v.strictObject({
    kind: v.literal('header'),
    name: headerName,
    prefix: v.exactOptional(text(64)),
    ...SECRET,
  }),
  query: v.strictObject({ kind: v.literal('query'), name: text(64), ...SECRET }),
  basic: v.strictObject({
    kind: v.literal('basic'),
    user: checkedText(
      (value) => /^[\x20-\x7e]{1,256}$/.test(value) && !value.includes(':'),
      'visible ASCII without a colon, at most 256 characters',
    ),
    ...SECRET,
  }),
  bearer: v.strictObject({ kind: v.literal('bearer'), ...SECRET }),
  'client-credentials': v.strictObject({
    kind: v.literal('client-credentials'),
    ...OAUTH,
    ...SECRET,
  }),
  'token-exchange': v.strictObject({ kind: v.literal('token-exchange'), ...OAUTH, ...SECRET }),
  'github-app': v.strictObject({
    kind: v.literal('github-app'),
    appId: text(64),
    installationId: checkedText((value) => /^\d{1,20}$/.test(value), 'a number in quotes'),
    api: v.exactOptional(httpsUrl),
    repositories: v.exactOptional(v.array(text(100))),
    permissions: v.exactOptional(v.record(text(64), v.picklist(['read', 'write', 'admin']))),
    ...SECRET,
  }),
  'aws-sigv4': v.strictObject({
    kind: v.literal('aws-sigv4'),
    accessKeyId: text(128),
    region: text(64),
    service: text(64),
    ...SECRET,
  }),
} as const;

export type CredentialKind = keyof typeof CREDENTIALS;

/** The configuration of a credential of a kind. */
export type CredentialOf<K extends CredentialKind> = v.InferOutput<(typeof CREDENTIALS)[K]>;

export type CredentialConfig = { [K in CredentialKind]: CredentialOf<K> }[CredentialKind];

export const credentialSchema = v.variant(
  'kind',
  Object.values(CREDENTIALS) as never,
) as v.GenericSchema<unknown, CredentialConfig>;

/** Variables and secrets of the gateway itself. None of them is a credential of a server. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['ISSUER', 'AUDIENCE', 'ISSUER_KEYS', 'ISSUER_FEED', 'ISSUER_RECORDS', 'FEED_PUBLIC_KEY'],
  ...['FEED_SHARDS', 'UPSTREAMS', 'MCP_UPSTREAMS', 'KILL_PUBLIC_KEY', 'KILL_URL', 'CALLER_KEY'],
  ...['SEAL_KEYS', 'DPOP_NONCE_SECRET', 'STEP_UP_CHALLENGE', 'SOURCE_HEADER', 'RATE_LIMITS'],
  ...['SOURCE_RATE', 'WORKFLOW_RATE', 'DENIAL_FORM', 'ALLOWED_ORIGINS', 'FEED_WITNESSES'],
  ...['RECEIPT_KEY'],
]);
