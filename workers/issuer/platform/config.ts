import * as v from 'valibot';
import { checkAudience } from '../../../src/capability/index.ts';
import { ConfigurationFault } from '../../../src/configuration-fault.ts';
import { credentialDigestSchema, isCredentialDigest } from '../../../src/credential-digest.ts';
import { createNonces, type Nonces } from '../../../src/dpop/index.ts';
import { fromHex } from '../../../src/encoding.ts';
import { type IdentityIssuer, readIssuers } from '../../../src/identity/index.ts';
import { type MintKey, readMintKeys } from '../../../src/keyring/index.ts';
import { FEED_SHARDS_MAX } from '../../../src/limits.ts';
import { type RateBinding, readHeaderName } from '../../../src/rates/index.ts';
import { replacedAt } from '../../../src/source-text.ts';
import type { ApprovalsBinding } from '../approval/binding.ts';
import type { AuditLogBinding } from '../audit/binding.ts';
import type { FeedArchiveBinding } from '../feed/archive-binding.ts';
import type { RevocationLogBinding } from '../feed/binding.ts';
import type { StatusListBinding } from '../signals/status-binding.ts';
import type { SignalStreamsBinding } from '../signals/streams-binding.ts';
import type { WorkflowBinding } from '../workflow/binding.ts';
import type { BreakerBinding } from '../workflow/breaker-binding.ts';
import { rootOf } from '../workflow/id.ts';
import type { Rulebook } from '../workflow/rulebook.ts';
import { readRules, readTripwires } from '../workflow/rulebook.ts';
import { isPrivateKey } from './keys.ts';
import { type RateLimits, readRateLimits } from './rate-limits.ts';
import type { ReplayStore } from './replay-store.ts';

/** Bindings, variables and secrets of the issuer, as wrangler.toml and the deployment give them. */
export interface IssuerEnv {
  readonly WORKFLOW: DurableObjectNamespace<WorkflowBinding>;
  readonly REVOCATION_LOG: DurableObjectNamespace<RevocationLogBinding>;
  readonly FEED_ARCHIVE: DurableObjectNamespace<FeedArchiveBinding>;
  readonly AUDIT_LOG: DurableObjectNamespace<AuditLogBinding>;
  readonly REPLAY_STORE: DurableObjectNamespace<ReplayStore>;
  readonly BREAKER: DurableObjectNamespace<BreakerBinding>;
  readonly STATUS_LIST: DurableObjectNamespace<StatusListBinding>;
  readonly SIGNAL_STREAMS: DurableObjectNamespace<SignalStreamsBinding>;
  readonly APPROVALS: DurableObjectNamespace<ApprovalsBinding>;
  readonly ISSUER: string;
  readonly AUDIENCES: string;
  readonly IDENTITY_ISSUERS: string;
  readonly MINT_KEYS: string;
  readonly FEED_KEY: string;
  readonly OPERATOR_SHA256: string;
  readonly FEED_SHARDS: string | undefined;
  readonly DPOP_NONCE_SECRET: string | undefined;
  readonly VERIFIER_CREDENTIALS: string | undefined;
  readonly DEVIATION_RULES: string | undefined;
  readonly TRIPWIRES: string | undefined;
  readonly SIGNAL_KEY: string | undefined;
  readonly SIGNAL_LOOPBACK: string | undefined;
  /** The header in which the platform puts a request's source address. */
  readonly SOURCE_HEADER: string | undefined;
  readonly RATE_LIMITS: string | undefined;
  readonly TOKEN_RATE: RateBinding | undefined;
  readonly QUESTION_RATE: RateBinding | undefined;
  readonly AGENT_RATE: RateBinding | undefined;
}

export interface IssuerConfig {
  /** The issuer's URL, as its tokens and metadata spell it. */
  readonly issuer: string;
  /** The resource servers that tokens may be minted for. */
  readonly audiences: readonly string[];
  readonly identityIssuers: readonly IdentityIssuer[];
  /** The active root key: what is minted is minted under it. */
  readonly mintKey: string;
  readonly mintKeyId: number;
  /** Every root key whose tokens count, the active one among them. */
  readonly publishedKeys: readonly MintKey[];
  /** Over how many logs revocations are split; a workflow keeps the one that it began in. */
  readonly shards: number;
  /**
   * None of the mint keys: a verifier that pins its issuer keys need not trust its holder to mint.
   */
  readonly feedKey: string;
  /** SHA-256 of the operator credential, so that the Worker never holds the credential. */
  readonly operatorSha256: Uint8Array<ArrayBuffer>;
  /** Nonces for DPoP proofs; absent: none is asked for. */
  readonly nonces: Nonces | undefined;
  /** Who may introspect tokens, each of one audience; SHA-256 again. */
  readonly verifiers: readonly VerifierCredential[];
  /** The deviation rules in force, and what no one was ever granted. */
  readonly rulebook: Rulebook;
  /** Status lists and security events; absent: there are none. */
  readonly signals: SignalConfig | undefined;
  readonly rates: RateLimits;
  /** Absent: all requests share one bucket. */
  readonly sourceHeader: string | undefined;
}

export interface SignalConfig {
  /** Signs status lists and security events, for others, and nothing that verifiers trust. */
  readonly key: string;
  /** A local deployment: events may be pushed to http on loopback. */
  readonly allowLoopback: boolean;
}

export interface VerifierCredential {
  readonly audience: string;
  readonly sha256: Uint8Array<ArrayBuffer>;
}

const read = new WeakMap<object, IssuerConfig>();

/** Throws a `ConfigurationFault`. */
export function readConfig(env: IssuerEnv): IssuerConfig {
  let config = read.get(env);
  if (!config) {
    config = parseConfig(env);
    read.set(env, config);
  }
  return config;
}

function parseConfig(env: IssuerEnv): IssuerConfig {
  const must = <T>(name: keyof IssuerEnv, value: T | undefined | false, why = ''): T => {
    if (value === undefined || value === false) {
      throw new ConfigurationFault(name, `is missing or malformed${why && ` (${why})`}`);
    }
    return value;
  };
  const url = (text: unknown) => typeof text === 'string' && checkAudience(text).ok && text;
  const audiences = v.safeParse(v.pipe(v.array(v.string()), v.minLength(1)), json(env.AUDIENCES));
  const issuers = readIssuers(json(env.IDENTITY_ISSUERS));
  const keys = readMintKeys(env.MINT_KEYS);
  const operatorText = env.OPERATOR_SHA256 ?? '';
  const digest = isCredentialDigest(operatorText) ? fromHex(operatorText) : undefined;
  const { DPOP_NONCE_SECRET: nonceText } = env;
  const nonceSecret = fromHex(nonceText ?? '');
  const feedKey = must('FEED_KEY', isPrivateKey(env.FEED_KEY ?? '') && env.FEED_KEY);
  const { active, published } = must(
    'MINT_KEYS',
    keys.ok && keys.value,
    keys.ok ? '' : keys.error.why,
  );
  const isFeedKey = published.some(({ key }) => key === feedKey);
  must('MINT_KEYS', !isFeedKey, 'one of them is the feed key');
  return {
    issuer: must('ISSUER', url(env.ISSUER)),
    audiences: must(
      'AUDIENCES',
      audiences.success && audiences.output.every(url) && audiences.output,
    ),
    identityIssuers: must(
      'IDENTITY_ISSUERS',
      // Under our own name an OpenID provider could assert the subjects of our clients.
      issuers.ok && issuers.value.every((entry) => !isIssuer(entry, env.ISSUER)) && issuers.value,
      issuers.ok ? 'an entry has our own issuer' : `${issuers.error.where}: ${issuers.error.why}`,
    ),
    mintKey: active.key,
    mintKeyId: active.id,
    publishedKeys: published,
    shards: must('FEED_SHARDS', readShards(env.FEED_SHARDS ?? '1')),
    feedKey,
    operatorSha256: must(
      'OPERATOR_SHA256',
      digest,
      'not the SHA-256 of a credential in lower-case hex',
    ),
    nonces:
      nonceText === undefined
        ? undefined
        : createNonces(must('DPOP_NONCE_SECRET', nonceSecret?.length === 32 && nonceSecret)),
    verifiers: must('VERIFIER_CREDENTIALS', readVerifiers(env.VERIFIER_CREDENTIALS ?? '[]')),
    rulebook: {
      rules: must('DEVIATION_RULES', readRules(json(env.DEVIATION_RULES ?? '{}'))),
      tripwires: must('TRIPWIRES', readTripwires(json(env.TRIPWIRES ?? '{}'))),
    },
    signals:
      env.SIGNAL_KEY === undefined
        ? undefined
        : {
            key: must(
              'SIGNAL_KEY',
              isSignalKey(env.SIGNAL_KEY, [feedKey, ...published.map(({ key }) => key)]) &&
                env.SIGNAL_KEY,
            ),
            allowLoopback: must('SIGNAL_LOOPBACK', readSwitch(env.SIGNAL_LOOPBACK)) === 'allowed',
          },
    rates: must('RATE_LIMITS', readRateLimits(json(env.RATE_LIMITS ?? '{}'))),
    sourceHeader: must('SOURCE_HEADER', readHeaderName(env.SOURCE_HEADER)).name,
  };
}

/** A key of its own: what it signs has no domain but the `typ` of a JWT. */
const isSignalKey = (text: string, others: readonly string[]): boolean =>
  isPrivateKey(text) && !others.includes(text);

const readSwitch = (text = 'refused'): 'allowed' | 'refused' | undefined =>
  text === 'allowed' || text === 'refused' ? text : undefined;

const readShards = (text: string): number | undefined =>
  /^[1-9]\d{0,4}$/.test(text) && Number(text) <= FEED_SHARDS_MAX ? Number(text) : undefined;

const isIssuer = (entry: IdentityIssuer, issuer: string): boolean =>
  'issuer' in entry && entry.issuer === issuer;

const verifierList = v.array(
  v.strictObject({
    audience: v.pipe(
      v.string(),
      v.check((audience) => checkAudience(audience).ok),
    ),
    sha256: credentialDigestSchema,
  }),
);

function readVerifiers(text: string): readonly VerifierCredential[] | undefined {
  const parsed = v.safeParse(verifierList, json(text));
  if (!parsed.success) return undefined;
  return parsed.output.map(({ audience, sha256 }) => ({
    audience,
    sha256: fromHex(sha256) ?? new Uint8Array(32),
  }));
}

function json(text: string | undefined): unknown {
  try {
    // Bytes that were not UTF-8 would name what nobody meant; as if it were no JSON.
    return replacedAt(text ?? '') ? undefined : JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

// One object of each kind: one tenant, one order.
export const auditLog = (env: IssuerEnv) => env.AUDIT_LOG.getByName('default');
export const revocationLog = (env: IssuerEnv, shard = 0) =>
  env.REVOCATION_LOG.getByName(shardName(shard));
export const feedArchive = (env: IssuerEnv, shard: number) =>
  env.FEED_ARCHIVE.getByName(shardName(shard));
export const replayStore = (env: IssuerEnv) => env.REPLAY_STORE.getByName('default');
export const breaker = (env: IssuerEnv) => env.BREAKER.getByName('default');
/** The object of a workflow: that of its root, of which a child is a row. */
export const workflowOf = (env: IssuerEnv, id: string) => env.WORKFLOW.getByName(rootOf(id));
export const approvals = (env: IssuerEnv) => env.APPROVALS.getByName('default');
export const statusList = (env: IssuerEnv) => env.STATUS_LIST.getByName('default');
export const signalStreams = (env: IssuerEnv) => env.SIGNAL_STREAMS.getByName('default');

// The first shard has the name that the log had when there was one.
const shardName = (shard: number): string => (shard === 0 ? 'default' : `shard-${shard}`);

/** Of an object by its name. */
export function shardOf(name: string | undefined): number {
  if (name === 'default') return 0;
  const shard = /^shard-([1-9]\d{0,4})$/.exec(name ?? '')?.[1];
  if (shard === undefined) throw new Error('a log is reached by the name of its shard alone');
  return Number(shard);
}
