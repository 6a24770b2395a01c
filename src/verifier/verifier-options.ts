import type { IssuerKey } from '../capability/index.ts';
import type { Clock } from '../clock.ts';
import type { Nonces } from '../dpop/index.ts';
import { having, httpUrl } from '../option-values.ts';
import {
  type Check,
  callable,
  integerFrom,
  type Members,
  numberFrom,
  object,
  oneOf,
  optional,
  optionsFault,
  readOptions,
} from '../options.ts';
import type { Feed } from './freshness.ts';
import type { KeysOption } from './issuer-keys.ts';
import type { TierRule, Tiers } from './tiers.ts';

export interface VerifierOptions {
  /** The only issuer whose tokens count, as its tokens spell it. */
  readonly issuer: string;
  /** This resource server, as tokens name it. */
  readonly audience: string;
  /** The issuer's root public keys: those of the feed's head, these alone, or both. */
  readonly keys: KeysOption;
  readonly feed: Feed;
  readonly tiers?: Tiers;
  /** Makes every proof carry a nonce (RFC 9449 section 9); absent: none is asked for. */
  readonly nonces?: Nonces;
  /** Milliseconds since the epoch. */
  readonly now?: Clock;
}

const hex: Check = (value) =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? undefined : '32 bytes of hex';
const KEY: Members<IssuerKey> = { id: integerFrom(0), publicKey: hex };

const isKey = (key: unknown): boolean => key === 'feed' || !optionsFault(key, 'key', KEY);

const keys: Check = (value) =>
  value === 'feed' || (Array.isArray(value) && value.every(isKey))
    ? undefined
    : "'feed', or a list of { id, publicKey } in lower-case hex, with 'feed' among them or not";

const OPTIONS: Members<VerifierOptions> = {
  issuer: httpUrl,
  audience: httpUrl,
  keys,
  feed: having('find', 'refresh'),
  tiers: optional(object),
  nonces: optional(having('issue', 'accepts')),
  now: optional(callable),
};

const TIER_NAMES: Members<Tiers> = { 0: object, 1: object, 2: object, 3: object };
const TIER_RULE: Members<TierRule> = {
  headSecondsMax: numberFrom(0),
  whenOlder: oneOf(['allow_stale', 'ask']),
  whenFresh: oneOf(['offline', 'ask']),
};

/** Throws a TypeError that names the member and what it must be. */
export function readVerifierOptions(options: VerifierOptions): VerifierOptions {
  readOptions(options, 'createVerifier', OPTIONS);
  const { tiers } = options;
  if (!tiers) return options;
  readOptions(tiers, 'createVerifier: tiers', TIER_NAMES);
  for (const tier of [0, 1, 2, 3] as const) {
    readOptions(tiers[tier], `createVerifier: tiers[${tier}]`, TIER_RULE);
  }
  return options;
}
