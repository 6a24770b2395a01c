import * as v from 'valibot';
import { checkAudience } from '../../src/capability/index.ts';
import { ConfigurationFault } from '../../src/configuration-fault.ts';
import { fromHex } from '../../src/encoding.ts';
import { GATEWAY_SHARDS_MAX } from '../../src/limits.ts';
import { type RateBinding, readHeaderName } from '../../src/rates/index.ts';
import { isPrivateKey } from '../../src/signing-keys.ts';
import { replacedAt } from '../../src/source-text.ts';
import {
  isSealKeys,
  readUpstreams,
  readUrls,
  type UpstreamConfigs,
} from '../../src/upstream/index.ts';
import type { KeysOption } from '../../src/verifier/index.ts';
import type { DecisionSink } from '../issuer/objects.ts';
import { type RateLimits, readRateLimits } from './rates.ts';

/**
 * Bindings, variables and secrets of the gateway. Of the issuer's keys it has public halves only.
 */
export interface GatewayEnv {
  readonly ISSUER_FEED: Fetcher;
  readonly ISSUER_RECORDS: Service<DecisionSink>;
  readonly ISSUER: string;
  readonly AUDIENCE: string;
  readonly ISSUER_KEYS?: string;
  readonly FEED_PUBLIC_KEY: string;
  readonly FEED_SHARDS: string | undefined;
  /** A policy in the form of C2SP tlog-policy. */
  readonly FEED_WITNESSES: string | undefined;
  readonly UPSTREAMS: string | undefined;
  /** The form of version 0.3.0, which is read if `UPSTREAMS` is missing. */
  readonly MCP_UPSTREAMS: string | undefined;
  readonly KILL_PUBLIC_KEY: string | undefined;
  readonly KILL_URL: string | undefined;
  readonly DPOP_NONCE_SECRET: string | undefined;
  /** Signs `Hewn-Caller`. The environment also has the secrets that `UPSTREAMS` names. */
  readonly CALLER_KEY: string | undefined;
  /** Signs receipts of what was read. */
  readonly RECEIPT_KEY: string | undefined;
  /** Opens the secrets that are sealed to this gateway. */
  readonly SEAL_KEYS: string | undefined;
  readonly STEP_UP_CHALLENGE: string | undefined;
  readonly DENIAL_FORM: string | undefined;
  readonly ALLOWED_ORIGINS: string | undefined;
  /** The header in which the platform passes a request's source address. */
  readonly SOURCE_HEADER: string | undefined;
  readonly RATE_LIMITS: string | undefined;
  readonly SOURCE_RATE: RateBinding | undefined;
  readonly WORKFLOW_RATE: RateBinding | undefined;
}

/** `result`: with `isError`, for a model to read. `error`: a JSON-RPC error. */
export type DenialForm = 'result' | 'error';

export interface GatewayConfig {
  readonly issuer: string;
  /** The URL of this gateway, spelled as in its tokens. */
  readonly audience: string;
  /** The keys of the feed, unless the deployment pins others. */
  readonly issuerKeys: KeysOption;
  readonly feedPublicKeys: readonly Uint8Array<ArrayBuffer>[];
  /** The number of logs into which the issuer splits revocations: its own FEED_SHARDS. */
  readonly shards: number;
  /** The witnesses without whom the feed gives no power. Without it, the feed key is believed. */
  readonly feedWitnesses: string | undefined;
  /** An operator's offline key, and the URL of the entries that it signed; both or neither. */
  readonly kill: { readonly publicKey: Uint8Array<ArrayBuffer>; readonly url: string } | undefined;
  /** The servers behind the gateway, by the name in `mcp/<server>/<tool>`. */
  readonly upstreams: UpstreamConfigs;
  /** Private keys that sign who calls. The first one signs, and another one is replaced. */
  readonly callerKeys: readonly string[];
  /** The private key that signs receipts. Without it, there are none. */
  readonly receiptKey: string | undefined;
  /** Private keys that open sealed secrets. */
  readonly sealKeys: readonly string[];
  /** 32 bytes from which nonces are made. Without it, proofs need no nonce. */
  readonly nonceSecret: Uint8Array<ArrayBuffer> | undefined;
  /** Whether a 403 for a missing grant has an `insufficient_scope` challenge in its header too. */
  readonly stepUpChallenge: boolean;
  /** What a denied `tools/call` is answered with. */
  readonly denialForm: DenialForm;
  /** The origins of web pages that may call the gateway. */
  readonly origins: readonly string[];
  readonly rates: RateLimits;
  /** Without it, all requests share one rate limit. */
  readonly sourceHeader: string | undefined;
}

const keyList = v.pipe(
  v.array(
    v.strictObject({ id: v.number(), publicKey: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) }),
  ),
  v.minLength(1),
);

/**
 * `fetch` throws for any other URL: each call would fail, and the configuration would look fine.
 */
function isFetchable(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && !url.username && !url.password;
}

/** Throws a `ConfigurationFault` for a configuration that cannot work. */
export function parseConfig(env: GatewayEnv): GatewayConfig {
  const required = <T>(name: keyof GatewayEnv, value: T | undefined | false): T => {
    if (value === undefined || value === false) {
      throw new ConfigurationFault(name, 'is missing or malformed');
    }
    return value;
  };
  const url = (text: unknown) => typeof text === 'string' && checkAudience(text).ok && text;
  const { ISSUER_KEYS: pinned } = env;
  const keys = v.safeParse(keyList, json(pinned));
  const { UPSTREAMS, MCP_UPSTREAMS } = env;
  const feedKeys = readKeys(env.FEED_PUBLIC_KEY ?? '');
  const { DPOP_NONCE_SECRET, KILL_PUBLIC_KEY, KILL_URL } = env;
  // A server of one's own passes null or an empty text for a secret that it was not given.
  const [CALLER_KEY, SEAL_KEYS] = [env.CALLER_KEY || undefined, env.SEAL_KEYS || undefined];
  const killKey = fromHex(KILL_PUBLIC_KEY ?? '');
  const readKill = () => ({
    publicKey: required('KILL_PUBLIC_KEY', killKey?.length === 32 && killKey),
    url: required('KILL_URL', KILL_URL !== undefined && isFetchable(KILL_URL) && KILL_URL),
  });
  const nonceSecret = DPOP_NONCE_SECRET === undefined ? undefined : fromHex(DPOP_NONCE_SECRET);
  return {
    issuer: required('ISSUER', url(env.ISSUER)),
    audience: required('AUDIENCE', url(env.AUDIENCE)),
    issuerKeys: required(
      'ISSUER_KEYS',
      pinned === undefined ? 'feed' : keys.success && keys.output,
    ),
    feedPublicKeys: required('FEED_PUBLIC_KEY', feedKeys),
    shards: required('FEED_SHARDS', readShards(env.FEED_SHARDS ?? '1')),
    feedWitnesses: env.FEED_WITNESSES
      ? required('FEED_WITNESSES', isQuorumPolicy(env.FEED_WITNESSES) && env.FEED_WITNESSES)
      : undefined,
    // One without the other would look like a kill switch that does nothing.
    kill: KILL_PUBLIC_KEY === undefined && KILL_URL === undefined ? undefined : readKill(),
    upstreams:
      UPSTREAMS === undefined && MCP_UPSTREAMS !== undefined
        ? required('MCP_UPSTREAMS', readUrls(json(MCP_UPSTREAMS)))
        : required('UPSTREAMS', readUpstreams(json(UPSTREAMS))),
    callerKeys: CALLER_KEY === undefined ? [] : required('CALLER_KEY', readCallerKeys(CALLER_KEY)),
    receiptKey: env.RECEIPT_KEY
      ? required('RECEIPT_KEY', isPrivateKey(env.RECEIPT_KEY) && env.RECEIPT_KEY)
      : undefined,
    sealKeys:
      SEAL_KEYS === undefined
        ? []
        : required('SEAL_KEYS', isSealKeys(SEAL_KEYS) && SEAL_KEYS.split(' ')),
    nonceSecret:
      DPOP_NONCE_SECRET === undefined
        ? undefined
        : required('DPOP_NONCE_SECRET', nonceSecret?.length === 32 && nonceSecret),
    stepUpChallenge:
      required('STEP_UP_CHALLENGE', readChallenge(env.STEP_UP_CHALLENGE)) === 'header',
    denialForm: required('DENIAL_FORM', readDenialForm(env.DENIAL_FORM)),
    origins: required('ALLOWED_ORIGINS', readOrigins(json(env.ALLOWED_ORIGINS ?? '[]'))),
    rates: required('RATE_LIMITS', readRateLimits(json(env.RATE_LIMITS ?? '{}'))),
    sourceHeader: required('SOURCE_HEADER', readHeaderName(env.SOURCE_HEADER)).name,
  };
}

/** What `FeedClient` asks of one: a policy without a quorum would look like one that demands it. */
const isQuorumPolicy = (text: string): boolean =>
  /^log /m.test(text) && /^witness /m.test(text) && /^quorum (?! *none)/m.test(text);

const readChallenge = (text = 'none'): 'none' | 'header' | undefined =>
  text === 'none' || text === 'header' ? text : undefined;

const isOrigin = (text: string): boolean =>
  URL.canParse(text) && new URL(text).origin === text && text !== 'null';

/** A browser writes an origin in one way, so any other spelling would never match. */
function readOrigins(list: unknown): readonly string[] | undefined {
  const read = v.safeParse(v.array(v.pipe(v.string(), v.check(isOrigin))), list);
  return read.success ? read.output : undefined;
}

const readDenialForm = (text: string = 'result'): DenialForm | undefined =>
  text === 'result' || text === 'error' ? text : undefined;

function json(text: string | undefined): unknown {
  try {
    // Text that was not UTF-8 is treated as malformed JSON: its names would be wrong.
    return replacedAt(text ?? '') ? undefined : JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** One key, or two with a space between them while one replaces the other. */
function readKeys(text: string): readonly Uint8Array<ArrayBuffer>[] | undefined {
  const keys = text.split(' ').map(fromHex);
  const valid = keys.filter((key) => key !== undefined).filter(({ length }) => length === 32);
  return keys.length === valid.length && keys.length <= 2 ? valid : undefined;
}

/** One key, or two with a space between them: the first one signs. */
function readCallerKeys(text: string): readonly string[] | undefined {
  const keys = text.split(' ');
  return keys.length <= 2 && keys.every(isPrivateKey) ? keys : undefined;
}

/** Each shard is a replica in memory with its own poll. */
const readShards = (text: string): number | undefined =>
  /^[1-9]\d{0,2}$/.test(text) && Number(text) <= GATEWAY_SHARDS_MAX ? Number(text) : undefined;
