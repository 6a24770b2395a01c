import type { Clock } from '../../clock.ts';
import type { PublicKeyInput } from '../../feed/index.ts';
import { GATEWAY_SHARDS_MAX } from '../../limits.ts';
import { having, httpUrl, publicKey, publicKeys } from '../../option-values.ts';
import {
  anything,
  callable,
  expecting,
  integerFrom,
  type Members,
  object,
  optional,
  readOptions,
} from '../../options.ts';
import type { VerifierOptions } from '../verifier-options.ts';
import type { IssuerService } from './issuer-fetch.ts';
import { PROTECTION_OPTIONS, type ProtectionOptions } from './protection-options.ts';

/** An operator's offline key, and where its statements are. */
export interface ProtectKillOptions {
  /** The public key, as text or as a CryptoKey. */
  readonly key: PublicKeyInput;
  /** The URL of the list of statements, on any host. */
  readonly url: string;
}

/** The options of `protect`. */
export interface ProtectOptions
  extends Omit<ProtectionOptions, 'verifier' | 'feed' | 'afterResponse'>,
    Partial<Pick<VerifierOptions, 'keys' | 'tiers' | 'nonces'>> {
  /**
   * The public key of the issuer's feed, as `hewn keys list` prints it (`FEED_PUBLIC_KEY`) or as
   * the `x` of the JWKS. Two with a space between them while one replaces the other.
   */
  readonly feedKey: PublicKeyInput | readonly PublicKeyInput[];
  /**
   * How the issuer is reached, if not by the global `fetch`: a service binding of a Worker, or a
   * function. A Worker beside its issuer in one Cloudflare account needs it.
   */
  readonly service?: IssuerService;
  /** The number of logs into which the issuer splits revocations; 1 by default. */
  readonly shards?: number;
  /**
   * The outside witnesses of the feed: a policy in the form of C2SP tlog-policy. A head then gives
   * power only if their quorum has seen it; what takes power counts at once. Without it, the feed
   * key alone is believed.
   */
  readonly witnesses?: string;
  /** Statements of an operator's offline key, which stop what they name. */
  readonly kill?: ProtectKillOptions;
  /** Defaults to the wall clock. */
  readonly now?: Clock;
}

const KILL: Members<ProtectKillOptions> = { key: publicKey, url: httpUrl };

const service = expecting(
  'a service binding, or a function',
  (value) => typeof value === 'function' || having('fetch')(value) === undefined,
);

const shards = expecting(
  `an integer from 1 to ${GATEWAY_SHARDS_MAX}`,
  (value) => integerFrom(1)(value) === undefined && Number(value) <= GATEWAY_SHARDS_MAX,
);

export const PROTECT_OPTIONS: Members<ProtectOptions> = {
  issuer: PROTECTION_OPTIONS.issuer,
  audience: PROTECTION_OPTIONS.audience,
  records: PROTECTION_OPTIONS.records,
  catalogue: PROTECTION_OPTIONS.catalogue,
  bodyBytesMax: PROTECTION_OPTIONS.bodyBytesMax,
  resourceMetadata: PROTECTION_OPTIONS.resourceMetadata,
  report: PROTECTION_OPTIONS.report,
  feedKey: publicKeys,
  // `createVerifier` checks these three.
  keys: optional(anything),
  tiers: optional(anything),
  nonces: optional(anything),
  service: optional(service),
  shards: optional(shards),
  // `FeedClient` checks them.
  witnesses: optional(anything),
  kill: optional(object),
  now: optional(callable),
};

/** Returns the options. Throws a TypeError that names a wrong option and what it must be. */
export function readProtectOptions(options: ProtectOptions): ProtectOptions {
  readOptions(options, 'protect', PROTECT_OPTIONS);
  if (options.kill) readOptions(options.kill, 'protect: kill', KILL);
  return options;
}
