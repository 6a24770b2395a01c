import * as v from 'valibot';
import { checkAudience } from '../../../src/capability/index.ts';
import { ConfigurationFault } from '../../../src/configuration-fault.ts';
import { isCredentialDigest } from '../../../src/credential-digest.ts';
import { createNonces, type Nonces } from '../../../src/dpop/index.ts';
import { fromHex } from '../../../src/encoding.ts';
import { type IdentityIssuer, readIssuers } from '../../../src/identity/index.ts';
import { type MintKey, readMintKeys } from '../../../src/keyring/index.ts';
import { FEED_SHARDS_MAX, MINT_CHECK_EVERY_MAX } from '../../../src/limits.ts';
import type { Target } from '../../../src/notices/index.ts';
import { adminAudience } from '../../../src/operator-capability/index.ts';
import { type Directory, readDirectory } from '../../../src/operators/index.ts';
import { readHeaderName } from '../../../src/rates/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { isPrivateKey } from '../../../src/signing-keys.ts';
import { replacedAt } from '../../../src/source-text.ts';
import type { Rulebook } from '../workflow/rulebook.ts';
import { readRules, readTripwires } from '../workflow/rulebook.ts';
import { type AuditConfig, readGeneration, readRetention } from './audit-config.ts';
import type { IssuerEnv } from './env.ts';
import { type RateLimits, readRateLimits } from './rate-limits.ts';
import { readVerifiers, type VerifierCredential } from './verifier-list.ts';
import { type DrillConfig, readDrill, readNotices } from './watch-config.ts';

export interface IssuerConfig {
  /** The issuer's URL, as its tokens and metadata have it. */
  readonly issuer: string;
  /** The resource servers that tokens can be minted for. */
  readonly audiences: readonly string[];
  readonly identityIssuers: readonly IdentityIssuer[];
  /** The active root key, which signs what is minted. */
  readonly mintKey: string;
  readonly mintKeyId: number;
  /** The reference implementation checks one of this many signed capabilities. */
  readonly mintCheckEvery: number;
  /** Every root key whose tokens are valid, including the active one. */
  readonly publishedKeys: readonly MintKey[];
  /** How many shards the revocation log has. A workflow keeps the shard that it began in. */
  readonly shards: number;
  /**
   * Signs the feed. It must not be a mint key: a verifier that pins its issuer keys need not trust
   * the holder of the feed key to mint.
   */
  readonly feedKey: string;
  /** Signs approvals of single calls. */
  readonly approverKey: string | undefined;
  /** SHA-256 of the operator credential, so that the Worker never holds the credential. */
  readonly operatorSha256: Uint8Array<ArrayBuffer>;
  /** Nonces for DPoP proofs. Absent: proofs need none. */
  readonly nonces: Nonces | undefined;
  /** The verifiers that may introspect tokens of their audience, by the SHA-256 of a credential. */
  readonly verifiers: readonly VerifierCredential[];
  /** The deviation rules in force, and the tripwires. */
  readonly rulebook: Rulebook;
  /** Status lists and security events. Absent: they are off. */
  readonly signals: SignalConfig | undefined;
  /** Where notices are sent. Empty: nowhere. */
  readonly notices: readonly Target[];
  readonly drill: DrillConfig;
  readonly audit: AuditConfig;
  /** Where operators sign in. Absent: only the credentials are accepted. */
  readonly directory: Directory | undefined;
  readonly rates: RateLimits;
  /** Absent: all requests share one rate limit. */
  readonly sourceHeader: string | undefined;
}

export interface SignalConfig {
  /** Signs status lists and security events for other systems, and nothing that verifiers trust. */
  readonly key: string;
  /** For a local deployment: events may be pushed to http on loopback. */
  readonly allowLoopback: boolean;
}

// A fault is remembered too: the variables of an isolate do not change.
const read = new WeakMap<object, Result<IssuerConfig, ConfigurationFault>>();

/** Returns the configuration of a deployment. Throws a `ConfigurationFault`. */
export function readConfig(env: IssuerEnv): IssuerConfig {
  const config = tryReadConfig(env);
  if (!config.ok) throw config.error;
  return config.value;
}

/** Returns the configuration of a deployment, or its first fault. */
export function tryReadConfig(env: IssuerEnv): Result<IssuerConfig, ConfigurationFault> {
  let config = read.get(env);
  if (!config) {
    config = parse(env);
    read.set(env, config);
  }
  return config;
}

function parse(env: IssuerEnv): Result<IssuerConfig, ConfigurationFault> {
  try {
    return ok(parseConfig(env));
  } catch (error) {
    if (error instanceof ConfigurationFault) return refuse(error);
    throw error;
  }
}

/** Returns the SHA-256 of the operator credential, whatever else is wrong. */
export function readOperatorDigest({
  OPERATOR_SHA256: text = '',
}: IssuerEnv): Uint8Array<ArrayBuffer> | undefined {
  return isCredentialDigest(text) ? fromHex(text) : undefined;
}

/** The Durable Objects that every request may need. A new one is named by the compiler. */
const OBJECTS: Readonly<Record<ObjectBinding, true>> = {
  WORKFLOW: true,
  REVOCATION_LOG: true,
  FEED_ARCHIVE: true,
  AUDIT_LOG: true,
  LOG: true,
  TILE_STORE: true,
  SUBJECT_KEYS: true,
  ACTIVITY: true,
  REPLAY_STORE: true,
  BREAKER: true,
  STATUS_LIST: true,
  SIGNAL_STREAMS: true,
  APPROVALS: true,
  VERSIONS: true,
  WATCHDOG: true,
  OPERATORS: true,
  TALLY: true,
};

type ObjectBinding = {
  [Name in keyof IssuerEnv]: IssuerEnv[Name] extends DurableObjectNamespace<infer _> ? Name : never;
}[keyof IssuerEnv];

function parseConfig(env: IssuerEnv): IssuerConfig {
  const unbound = Object.keys(OBJECTS).find((name) => !env[name as ObjectBinding]);
  if (unbound !== undefined) throw new ConfigurationFault(unbound, 'is not bound');
  const required = <T>(name: keyof IssuerEnv, value: T | undefined | false, why = ''): T => {
    if (value === undefined || value === false) {
      throw new ConfigurationFault(name, `is missing or malformed${why && ` (${why})`}`);
    }
    return value;
  };
  const url = (text: unknown) => typeof text === 'string' && checkAudience(text).ok && text;
  const audiences = v.safeParse(v.pipe(v.array(v.string()), v.minLength(1)), json(env.AUDIENCES));
  const issuers = readIssuers(json(env.IDENTITY_ISSUERS));
  const keys = readMintKeys(env.MINT_KEYS);
  const { DPOP_NONCE_SECRET: nonceText } = env;
  const nonceSecret = fromHex(nonceText ?? '');
  const feedKey = required('FEED_KEY', isPrivateKey(env.FEED_KEY ?? '') && env.FEED_KEY);
  const { active, published } = required(
    'MINT_KEYS',
    keys.ok && keys.value,
    keys.ok ? '' : keys.error.why,
  );
  const isFeedKey = published.some(({ key }) => key === feedKey);
  required('MINT_KEYS', !isFeedKey, 'one of them is the feed key');
  return {
    issuer: required('ISSUER', url(env.ISSUER)),
    audiences: required(
      'AUDIENCES',
      audiences.success &&
        audiences.output.every(url) &&
        // Workloads would get tokens that look like those of operators.
        !audiences.output.includes(adminAudience(env.ISSUER ?? '')) &&
        audiences.output,
    ),
    identityIssuers: required(
      'IDENTITY_ISSUERS',
      // An OpenID provider with our own name could assert the subjects of our clients.
      issuers.ok && issuers.value.every((entry) => !isIssuer(entry, env.ISSUER)) && issuers.value,
      issuers.ok ? 'an entry has our own issuer' : `${issuers.error.where}: ${issuers.error.why}`,
    ),
    mintKey: active.key,
    mintKeyId: active.id,
    mintCheckEvery: required('MINT_CHECK_EVERY', readCheckEvery(env.MINT_CHECK_EVERY)),
    publishedKeys: published,
    shards: required('FEED_SHARDS', readShards(env.FEED_SHARDS ?? '1')),
    feedKey,
    operatorSha256: required(
      'OPERATOR_SHA256',
      readOperatorDigest(env),
      'not the SHA-256 of a credential in lower-case hex',
    ),
    nonces:
      nonceText === undefined
        ? undefined
        : createNonces(required('DPOP_NONCE_SECRET', nonceSecret?.length === 32 && nonceSecret)),
    verifiers: required(
      'VERIFIER_CREDENTIALS',
      readVerifiers(json(env.VERIFIER_CREDENTIALS ?? '[]')),
    ),
    rulebook: {
      rules: required('DEVIATION_RULES', readRules(json(env.DEVIATION_RULES ?? '{}'))),
      tripwires: required('TRIPWIRES', readTripwires(json(env.TRIPWIRES ?? '{}'))),
    },
    signals:
      env.SIGNAL_KEY === undefined
        ? undefined
        : {
            key: required(
              'SIGNAL_KEY',
              isOwnKey(env.SIGNAL_KEY, [
                feedKey,
                env.LOG_KEY ?? '',
                ...published.map(({ key }) => key),
              ]) && env.SIGNAL_KEY,
            ),
            allowLoopback:
              required('SIGNAL_LOOPBACK', readSwitch(env.SIGNAL_LOOPBACK)) === 'allowed',
          },
    approverKey: env.APPROVER_KEY
      ? required(
          'APPROVER_KEY',
          isOwnKey(env.APPROVER_KEY, [
            feedKey,
            env.LOG_KEY ?? '',
            ...published.map(({ key }) => key),
          ]) && env.APPROVER_KEY,
        )
      : undefined,
    audit: {
      logKey: env.LOG_KEY
        ? required(
            'LOG_KEY',
            isOwnKey(env.LOG_KEY, [feedKey, ...published.map(({ key }) => key)]) && env.LOG_KEY,
          )
        : undefined,
      auditorSha256: env.AUDITOR_SHA256
        ? required(
            'AUDITOR_SHA256',
            readAuditorDigest(env),
            'not a SHA-256 in lower-case hex, or that of the operator',
          )
        : undefined,
      witnesses: env.WITNESSES || undefined,
      generation: env.LOG_GENERATION
        ? required('LOG_GENERATION', readGeneration(env.LOG_GENERATION))
        : undefined,
      retention: required('AUDIT_RETENTION', readRetention(json(env.AUDIT_RETENTION ?? '{}'))),
    },
    notices: readNotices(env),
    drill: readDrill(env),
    directory: env.OPERATOR_DIRECTORY
      ? required('OPERATOR_DIRECTORY', ...directoryOf(env.OPERATOR_DIRECTORY))
      : undefined,
    rates: required('RATE_LIMITS', readRateLimits(json(env.RATE_LIMITS ?? '{}'))),
    sourceHeader: required('SOURCE_HEADER', readHeaderName(env.SOURCE_HEADER)).name,
  };
}

function directoryOf(text: string): [Directory | undefined, string] {
  const read = readDirectory(json(text));
  if (read.ok) return [read.value, ''];
  const { path, found, allowed } = read.error;
  return [undefined, `${path.join('.')}: ${found}; allowed: ${allowed}`];
}

/** Each purpose has a key of its own: what one signs must never pass for something of another. */
const isOwnKey = (text: string, others: readonly string[]): boolean =>
  isPrivateKey(text) && !others.includes(text);

const readSwitch = (text = 'refused'): 'allowed' | 'refused' | undefined =>
  text === 'allowed' || text === 'refused' ? text : undefined;

/** An operator who is an auditor too would make the credential of one the power of the other. */
const readAuditorDigest = ({ AUDITOR_SHA256: text = '', OPERATOR_SHA256 }: IssuerEnv) =>
  isCredentialDigest(text) && text !== OPERATOR_SHA256 ? fromHex(text) : undefined;

const readShards = (text: string): number | undefined =>
  /^[1-9]\d{0,4}$/.test(text) && Number(text) <= FEED_SHARDS_MAX ? Number(text) : undefined;

/** A check costs about as much as ten signatures. */
const MINT_CHECK_EVERY_DEFAULT = 64;

const readCheckEvery = (text = String(MINT_CHECK_EVERY_DEFAULT)): number | undefined =>
  /^[1-9]\d{0,4}$/.test(text) && Number(text) <= MINT_CHECK_EVERY_MAX ? Number(text) : undefined;

const isIssuer = (entry: IdentityIssuer, issuer: string): boolean =>
  'issuer' in entry && entry.issuer === issuer;

function json(text: string | undefined): unknown {
  try {
    // Bytes that are not UTF-8 were replaced, so a name would differ from the one intended.
    return replacedAt(text ?? '') ? undefined : JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
