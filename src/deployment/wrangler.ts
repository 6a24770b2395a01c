import { ok, type Result, refuse } from '../result.ts';
import { neededSecrets, serviceBinding, tableOf } from '../upstream/index.ts';
import { NO_ARCHIVE_BUCKET } from './audit-settings.ts';
import { DRILL_EVERY_DEFAULT } from './drill-settings.ts';
import {
  type Environment,
  GATEWAY_ENTRY_DEFAULT,
  type GatewaySettings,
  ISSUER_ENTRY_DEFAULT,
  workerName,
} from './model.ts';
import { publicationOf } from './routes.ts';
import { GATEWAY_SECRETS, ISSUER_SECRETS, type SecretNeed } from './secrets.ts';

/** The platform's date that this version was tested with. */
const COMPATIBILITY_DATE = '2026-11-17';

/** The Durable Objects of the issuer: each class, and the binding that the code reads. */
export const OBJECT_CLASSES = {
  Workflow: 'WORKFLOW',
  RevocationLog: 'REVOCATION_LOG',
  FeedArchive: 'FEED_ARCHIVE',
  AuditLog: 'AUDIT_LOG',
  TransparencyLog: 'LOG',
  TileStore: 'TILE_STORE',
  SubjectKeys: 'SUBJECT_KEYS',
  Activity: 'ACTIVITY',
  ReplayStore: 'REPLAY_STORE',
  Breaker: 'BREAKER',
  StatusList: 'STATUS_LIST',
  SignalStreams: 'SIGNAL_STREAMS',
  Approvals: 'APPROVALS',
  Versions: 'VERSIONS',
  Watchdog: 'WATCHDOG',
  Operators: 'OPERATORS',
  Tally: 'TALLY',
} as const;

/** A rate limit binding: the setting that it follows, and the requests per minute without it. */
interface RateBinding {
  readonly setting: string;
  readonly perMinute: number;
}

export const ISSUER_RATES: Readonly<Record<string, RateBinding>> = {
  TOKEN_RATE: { setting: 'tokenPerSource', perMinute: 600 },
  AGENT_RATE: { setting: 'tokenPerAgent', perMinute: 600 },
  QUESTION_RATE: { setting: 'questionPerSource', perMinute: 6_000 },
};

export const GATEWAY_RATES: Readonly<Record<string, RateBinding>> = {
  SOURCE_RATE: { setting: 'requestPerSource', perMinute: 6_000 },
  WORKFLOW_RATE: { setting: 'requestPerWorkflow', perMinute: 3_000 },
};

export type WranglerConfig = Readonly<Record<string, unknown>> & { readonly name: string };

/** The generated configuration of one environment. */
export interface WranglerFiles {
  readonly issuer: WranglerConfig;
  readonly gateways: readonly WranglerConfig[];
}

export interface GenerateOptions {
  /** The path from the folder of the generated files to that of `hewn.toml`, such as `../..`. */
  readonly root: string;
  /** The public feed key, where the file does not state it. */
  readonly feedPublicKey?: string;
}

export interface GenerateError {
  readonly code: 'feed_public_key_missing';
}

/**
 * Returns whole wrangler files for one environment, as JSON values. Nothing in them is inherited,
 * and nothing in them names another environment: wrangler would silently bind a gateway of staging
 * to the issuer of production.
 */
export function generateWrangler(
  environment: Environment,
  options: GenerateOptions,
): Result<WranglerFiles, GenerateError> {
  const feedPublicKey = environment.issuer.feedPublicKey ?? options.feedPublicKey;
  const issuer = issuerConfig(environment, options.root);
  if (environment.gateways.length === 0) return ok({ issuer, gateways: [] });
  if (feedPublicKey === undefined) return refuse({ code: 'feed_public_key_missing' });
  const gateways = environment.gateways.map((gateway) =>
    gatewayConfig(environment, gateway, feedPublicKey, options.root),
  );
  return ok({ issuer, gateways });
}

/** What both Workers have. `**` and a slash must begin a glob: without them it matches nothing. */
const base = (root: string, entry: string) => ({
  $schema: `${root}/node_modules/wrangler/config-schema.json`,
  main: `${root}/${entry}`,
  compatibility_date: COMPATIBILITY_DATE,
  rules: [{ type: 'Text', globs: ['**/*.datalog', '**/*.toml'], fallthrough: true }],
  observability: { enabled: true },
});

/** Members whose value is undefined are left out: a variable is either set or absent. */
const present = <T extends object>(members: T): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;

const json = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

const publish = (url: string, stated: readonly string[] | undefined) => {
  const { workersDev, routes } = publicationOf(url, stated);
  return present({ workers_dev: workersDev, routes: routes.length > 0 ? routes : undefined });
};

function issuerConfig(environment: Environment, root: string): WranglerConfig {
  const { issuer, gateways, providers, audit, notify, operators, wrangler } = environment;
  const drill = drillOf(environment);
  const name = workerName(environment, 'issuer');
  const bucket = archiveBucketOf(environment);
  const { feedShards: shards, mintCheckEvery: checkEvery } = issuer;
  const own = {
    ...base(root, issuer.entry ?? ISSUER_ENTRY_DEFAULT),
    name,
    // The reference engine runs in an arena that is dropped whole: no finalizer may outlive it.
    compatibility_flags: ['disable_weak_ref'],
    ...publish(issuer.url, issuer.routes),
    vars: present({
      ISSUER: issuer.url,
      AUDIENCES: json([...gateways.map(({ url }) => url), ...(issuer.audiences ?? [])]),
      IDENTITY_ISSUERS: json(providers),
      FEED_SHARDS: shards === undefined ? undefined : String(shards),
      VERIFIER_CREDENTIALS: json(issuer.verifierCredentials),
      DEVIATION_RULES: json(issuer.deviationRules),
      TRIPWIRES: json(issuer.tripwires),
      SIGNAL_LOOPBACK: issuer.signalLoopback,
      SOURCE_HEADER: issuer.sourceHeader,
      RATE_LIMITS: json(issuer.rateLimits),
      WITNESSES: audit.witnesses,
      LOG_GENERATION: audit.generation === undefined ? undefined : String(audit.generation),
      AUDIT_RETENTION: json(audit.retention),
      AUDITOR_SHA256: audit.auditorSha256,
      NOTIFY: notify.length > 0 ? json(notify) : undefined,
      DRILL: json(drill),
      MINT_CHECK_EVERY: checkEvery === undefined ? undefined : String(checkEvery),
      OPERATOR_DIRECTORY: Object.keys(operators).length > 0 ? json(operators) : undefined,
    }),
    secrets: {
      required: [
        ...requiredSecrets(ISSUER_SECRETS, [
          ...(issuer.secrets ?? []),
          ...(notify.length > 0 ? ['NOTIFY_SECRETS'] : []),
        ]),
        ...clientSecrets(operators),
      ],
    },
    ...(drill && { triggers: { crons: [EVERY_MINUTE] } }),
    durable_objects: {
      bindings: Object.entries(OBJECT_CLASSES).map(([className, binding]) => ({
        name: binding,
        class_name: className,
      })),
    },
    exports: Object.fromEntries(
      Object.keys(OBJECT_CLASSES).map((each) => [
        each,
        { type: 'durable-object', storage: 'sqlite' },
      ]),
    ),
    ratelimits: rateBindings(name, ISSUER_RATES, issuer.rateLimits),
  };
  const buckets = [
    ...(bucket === undefined ? [] : [{ binding: ARCHIVE_BINDING, bucket_name: bucket }]),
    ...((wrangler.issuer.r2_buckets ?? []) as readonly unknown[]),
  ];
  const withBuckets = buckets.length > 0 ? { r2_buckets: buckets } : {};
  return { ...own, ...wrangler.issuer, ...withBuckets, name };
}

/** Starts the watchdog again if its alarm was lost. */
const EVERY_MINUTE = '* * * * *';

/** Returns the variable of the scheduled drill. Returns undefined if none is scheduled. */
function drillOf({ drill }: Pick<Environment, 'drill'>) {
  const { every = DRILL_EVERY_DEFAULT, within } = drill;
  return every === 'off' ? undefined : present({ every, within });
}

/** The R2 bucket of the archive. Without one, the class `TileStore` has the archive. */
const ARCHIVE_BINDING = 'ARCHIVE';

/**
 * Returns the name of the R2 bucket that has the archive of an environment's logs; undefined where
 * Durable Objects have it.
 */
function archiveBucketOf(
  environment: Pick<Environment, 'deployment' | 'name' | 'audit'>,
): string | undefined {
  const stated = environment.audit.archive ?? `${workerName(environment, 'issuer')}-archive`;
  return stated === NO_ARCHIVE_BUCKET ? undefined : stated;
}

function gatewayConfig(
  environment: Environment,
  gateway: GatewaySettings,
  feedPublicKey: string,
  root: string,
): WranglerConfig {
  const { issuer, wrangler } = environment;
  const name = workerName(environment, gateway.name);
  const service = workerName(environment, 'issuer');
  const shards = issuer.feedShards;
  const secrets = [
    ...requiredSecrets(GATEWAY_SECRETS, gateway.secrets),
    ...neededSecrets(gateway.upstreams),
  ];
  const own = {
    ...base(root, gateway.entry ?? GATEWAY_ENTRY_DEFAULT),
    name,
    ...publish(gateway.url, gateway.routes),
    vars: present({
      ISSUER: issuer.url,
      AUDIENCE: gateway.url,
      FEED_PUBLIC_KEY: feedPublicKey,
      UPSTREAMS: json(withBindings(gateway.upstreams)),
      ISSUER_KEYS: json(gateway.issuerKeys),
      FEED_SHARDS: shards === undefined ? undefined : String(shards),
      FEED_WITNESSES: gateway.feedWitnesses,
      KILL_PUBLIC_KEY: gateway.killPublicKey,
      KILL_URL: gateway.killUrl,
      STEP_UP_CHALLENGE: gateway.stepUpChallenge,
      DENIAL_FORM: gateway.denials,
      ALLOWED_ORIGINS: json(gateway.origins),
      SOURCE_HEADER: gateway.sourceHeader,
      RATE_LIMITS: json(gateway.rateLimits),
    }),
    services: [
      { binding: 'ISSUER_FEED', service },
      { binding: 'ISSUER_RECORDS', service, entrypoint: 'DecisionSink' },
      ...upstreamServices(gateway.upstreams),
    ],
    ratelimits: rateBindings(name, GATEWAY_RATES, gateway.rateLimits),
  };
  const withSecrets = secrets.length > 0 ? { ...own, secrets: { required: secrets } } : own;
  return { ...withSecrets, ...wrangler.gateway, name };
}

/** The Workers of the account that are called instead of an address. */
const upstreamServices = (upstreams: GatewaySettings['upstreams']) =>
  Object.entries(upstreams).flatMap(([name, upstream]) => {
    const { service } = tableOf(upstream);
    return service === undefined ? [] : [{ binding: serviceBinding(name), service }];
  });

/** In the variable, `service` is the name of the binding. */
const withBindings = (upstreams: GatewaySettings['upstreams']): GatewaySettings['upstreams'] =>
  Object.fromEntries(
    Object.entries(upstreams).map(([name, upstream]) => {
      const isBound = tableOf(upstream).service !== undefined;
      return [name, isBound ? { ...tableOf(upstream), service: serviceBinding(name) } : upstream];
    }),
  );

/** The names of the secrets that providers demand from this issuer when people sign in. */
const clientSecrets = ({ providers = {} }: Environment['operators']): readonly string[] => [
  ...new Set(Object.values(providers).flatMap(({ secret }) => secret ?? [])),
];

const requiredSecrets = (
  secrets: Readonly<Record<string, SecretNeed>>,
  stated: readonly string[] = [],
): readonly string[] =>
  Object.keys(secrets).filter(
    (name) => ['required', 'generated'].includes(secrets[name] ?? '') || stated.includes(name),
  );

/** Returns the names of the secrets that a generated configuration requires. */
export const secretNames = ({ secrets }: WranglerConfig): readonly string[] =>
  (secrets as { readonly required: readonly string[] } | undefined)?.required ?? [];

const rateBindings = (
  worker: string,
  bindings: Readonly<Record<string, RateBinding>>,
  stated: Readonly<Record<string, number>> = {},
) =>
  Object.entries(bindings).map(([name, { setting, perMinute }]) => ({
    name,
    namespace_id: String(namespaceOf(`${worker} ${name}`)),
    simple: { limit: stated[setting] ?? perMinute, period: 60 },
  }));

/** A namespace of an account counts for all Workers that name it, so each has its own (FNV-1a). */
function namespaceOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return (hash % 2_000_000_000) + 1;
}
