import * as v from 'valibot';
import { credentialDigestSchema } from '../credential-digest.ts';
import { RULES } from '../lifecycle/index.ts';
import { FEED_SHARDS_MAX, KEY_ID_MAX, MINT_CHECK_EVERY_MAX } from '../limits.ts';
import { wholeNumber } from '../whole-number.ts';
import {
  CATALOGUE_DEFAULT,
  GATEWAY_ENTRY_DEFAULT,
  ISSUER_ENTRY_DEFAULT,
  POLICY_DEFAULT,
} from './model.ts';
import { GATEWAY_SECRETS, ISSUER_SECRETS, type SecretNeed } from './secrets.ts';
import {
  datasetName,
  deploymentName,
  feedPublicKey,
  headerName,
  perMinute,
  plainHttpsUrl,
  publicKey,
  relativePath,
  route,
  serviceUrl,
  toolName,
  webOrigin,
} from './texts.ts';
import { witnessPolicy } from './witness-policy.ts';

/**
 * One key of the file: what a person may write, and what it is for. The reader, the JSON Schema and
 * the page of the documentation come from these entries.
 */
export interface Setting<S extends v.GenericSchema = v.GenericSchema> {
  readonly schema: S;
  readonly required?: true;
  /** The variable of the Worker that it becomes. */
  readonly variable?: string;
  /** What happens without it. */
  readonly absent?: string;
  readonly purpose: string;
}

export type Settings = Readonly<Record<string, Setting>>;

const optionalSecrets = (secrets: Readonly<Record<string, SecretNeed>>) =>
  v.array(v.picklist(Object.keys(secrets).filter((name) => secrets[name] === 'optional')));

const routes: Setting<v.GenericSchema<string[]>> = {
  schema: v.array(route),
  absent: 'the host of `url`, as a custom domain',
  purpose:
    'Where the Worker is reached. `host` is a custom domain, `host/*` a route of a zone that exists.',
};

const FEED_SHARDS_NOTE =
  'The number of logs that revocations are split over, for the issuer and its gateways.';

export const ISSUER_SETTINGS = {
  url: {
    schema: serviceUrl,
    required: true,
    variable: 'ISSUER',
    purpose: "The issuer's own URL, as tokens, metadata and heads spell it.",
  },
  audiences: {
    schema: v.pipe(v.array(serviceUrl), v.minLength(1, 'a list of at least one URL')),
    variable: 'AUDIENCES',
    absent: 'the gateways alone',
    purpose:
      'The APIs with a verifier of their own. The URLs of the gateways are added to the audiences.',
  },
  entry: {
    schema: relativePath,
    absent: `\`${ISSUER_ENTRY_DEFAULT}\``,
    purpose: "The issuer's entry file.",
  },
  feedPublicKey: {
    schema: feedPublicKey,
    variable: 'FEED_PUBLIC_KEY',
    absent: 'the deployment fills it in from the keys that it made',
    purpose: 'The public half of the feed key. Every gateway of the environment gets it.',
  },
  feedShards: {
    schema: wholeNumber(1, FEED_SHARDS_MAX),
    variable: 'FEED_SHARDS',
    absent: '1',
    purpose: FEED_SHARDS_NOTE,
  },
  sourceHeader: {
    schema: headerName,
    variable: 'SOURCE_HEADER',
    absent: 'all requests share one rate limit',
    purpose: 'The header in which the platform writes the source address of a request.',
  },
  verifierCredentials: {
    schema: v.array(v.strictObject({ audience: serviceUrl, sha256: credentialDigestSchema })),
    variable: 'VERIFIER_CREDENTIALS',
    absent: 'only the operator may introspect, and only gateways record',
    purpose:
      'Which verifiers may introspect tokens of an audience, and record and count its calls, by the SHA-256 of a credential.',
  },
  deviationRules: {
    schema: v.strictObject(
      Object.fromEntries(
        RULES.map(({ id }) => [id, v.exactOptional(v.picklist(['shadow', 'off']))]),
      ),
    ),
    variable: 'DEVIATION_RULES',
    absent: 'every rule acts',
    purpose: 'Deviation rules that only record (`shadow`), or are skipped (`off`).',
  },
  tripwires: {
    schema: v.strictObject({
      tools: v.exactOptional(v.array(toolName)),
      datasets: v.exactOptional(v.array(datasetName)),
    }),
    variable: 'TRIPWIRES',
    absent: 'none',
    purpose: 'Names that no one is ever granted. Touching one revokes the root workflow.',
  },
  signalLoopback: {
    schema: v.literal('allowed'),
    variable: 'SIGNAL_LOOPBACK',
    absent: 'refused',
    purpose: 'Allows security events to be pushed to http on 127.0.0.1, for local use only.',
  },
  rateLimits: {
    schema: v.strictObject({
      tokenPerSource: v.exactOptional(perMinute),
      tokenShared: v.exactOptional(perMinute),
      tokenPerAgent: v.exactOptional(perMinute),
      questionPerSource: v.exactOptional(perMinute),
      questionShared: v.exactOptional(perMinute),
      reportPerVerifier: v.exactOptional(perMinute),
      recordsPerVerifier: v.exactOptional(perMinute),
    }),
    variable: 'RATE_LIMITS',
    absent: 'the defaults of the rate limits',
    purpose: 'Changes to the rate limits of the issuer.',
  },
  mintCheckEvery: {
    schema: wholeNumber(1, MINT_CHECK_EVERY_MAX),
    variable: 'MINT_CHECK_EVERY',
    absent: '64',
    purpose:
      'The reference implementation of Biscuit checks the first capability that an isolate signs, and every n-th after it.',
  },
  secrets: {
    schema: optionalSecrets(ISSUER_SECRETS),
    absent: 'only the required ones: `MINT_KEYS`, `FEED_KEY`, `LOG_KEY`, `OPERATOR_SHA256`',
    purpose: 'Names of optional secrets that this deployment sets. Never their values.',
  },
  routes,
} as const satisfies Settings;

export const GATEWAY_SETTINGS = {
  url: {
    schema: serviceUrl,
    required: true,
    variable: 'AUDIENCE',
    purpose: 'This gateway, as tokens name it.',
  },
  upstreams: {
    // What stands in an entry is checked one by one: see upstream-faults.ts.
    schema: v.record(v.string(), v.union([v.string(), v.record(v.string(), v.unknown())])),
    required: true,
    variable: 'UPSTREAMS',
    purpose:
      'The servers behind the gateway, by the name in `/mcp/<server>` and `mcp/<server>/<tool>`: the URL of an MCP server, or a table with more about it.',
  },
  entry: {
    schema: relativePath,
    absent: `\`${GATEWAY_ENTRY_DEFAULT}\``,
    purpose: "The gateway's entry file.",
  },
  issuerKeys: {
    schema: v.pipe(
      v.array(v.strictObject({ id: wholeNumber(1, KEY_ID_MAX), publicKey })),
      v.minLength(1, 'a list of at least one key'),
    ),
    variable: 'ISSUER_KEYS',
    absent: "those of the feed's head, which the issuer rotates",
    purpose: 'Pins the accepted root keys.',
  },
  feedWitnesses: {
    schema: witnessPolicy,
    variable: 'FEED_WITNESSES',
    absent: 'the feed key alone is believed',
    purpose:
      'The witnesses of the feed: a policy in the form of C2SP tlog-policy, with a `log` line for the log key of the issuer and a quorum. A head without their quorum stops calls and allows none.',
  },
  killPublicKey: {
    schema: publicKey,
    variable: 'KILL_PUBLIC_KEY',
    absent: 'none; requires `killUrl`',
    purpose: "The public half of an operator's offline key.",
  },
  killUrl: {
    schema: plainHttpsUrl,
    variable: 'KILL_URL',
    absent: 'none; requires `killPublicKey`',
    purpose: 'Where kill statements are served, on a host other than the issuer.',
  },
  stepUpChallenge: {
    schema: v.picklist(['header', 'none']),
    variable: 'STEP_UP_CHALLENGE',
    absent: '`none`',
    purpose: "Whether a denial for a missing grant also carries MCP's `insufficient_scope` header.",
  },
  denials: {
    schema: v.picklist(['result', 'error']),
    variable: 'DENIAL_FORM',
    absent: '`result`',
    purpose: 'Whether a denied call of a tool is a result that a model reads, or a JSON-RPC error.',
  },
  origins: {
    schema: v.array(webOrigin),
    variable: 'ALLOWED_ORIGINS',
    absent: 'none: a request with an `Origin` is denied',
    purpose: 'The origins of web pages that may call this gateway (CORS).',
  },
  sourceHeader: ISSUER_SETTINGS.sourceHeader,
  rateLimits: {
    schema: v.strictObject({
      requestPerSource: v.exactOptional(perMinute),
      requestShared: v.exactOptional(perMinute),
      requestPerWorkflow: v.exactOptional(perMinute),
    }),
    variable: 'RATE_LIMITS',
    absent: 'the defaults of the rate limits',
    purpose: 'Changes to the rate limits of the gateway.',
  },
  secrets: {
    schema: optionalSecrets(GATEWAY_SECRETS),
    absent: 'none',
    purpose:
      'Names of optional secrets that this deployment sets. Never their values. Those that the upstreams need are added.',
  },
  routes,
} as const satisfies Settings;

/** What stands above all tables, and is the same in every environment. */
export const DEPLOYMENT_SETTINGS = {
  name: {
    schema: deploymentName,
    required: true,
    purpose: 'Begins the name of every Worker. Do not change it: the storage belongs to the name.',
  },
  policy: {
    schema: relativePath,
    absent: `\`${POLICY_DEFAULT}\``,
    purpose: 'The folder of the policy files. Its subfolder `cases` has the test cases.',
  },
  catalogue: {
    schema: relativePath,
    absent: `\`${CATALOGUE_DEFAULT}\``,
    purpose: 'The file that describes the tools.',
  },
} as const satisfies Settings;
