import type { IssuerKey } from '../capability/index.ts';
import type { Clock } from '../clock.ts';
import type { Nonces } from '../dpop/index.ts';
import { having, httpUrl, publicKey } from '../option-values.ts';
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

/** The options of `createVerifier`. */
export interface VerifierOptions {
  /** The only issuer whose tokens are accepted, spelled as in its tokens. */
  readonly issuer: string;
  /** The URL of this resource server, spelled as in its tokens. */
  readonly audience: string;
  /** The issuer's root public keys: those in the feed's head, a fixed list, or both. */
  readonly keys: KeysOption;
  /** Where revocations come from, such as a `FeedClient`. */
  readonly feed: Feed;
  /** How fresh the head must be per tier; `TIERS` by default. */
  readonly tiers?: Tiers;
  /** Requires a nonce in every proof (RFC 9449 section 9), made by `createNonces`. */
  readonly nonces?: Nonces;
  /**
   * Whether the server charges each allowed call with an approval to its workflow, with the id of
   * that approval (`Evidence.approval`). Without it, approvals count in no call of tier 3: each
   * could be used again until it ends. `protect` with `records` and the gateway charge them.
   */
  readonly spendsApprovals?: boolean;
  /** The wall clock by default. */
  readonly now?: Clock;
}

const keyText: Check = (value) =>
  typeof value === 'string' ? publicKey(value) : 'the text of an Ed25519 public key';
const KEY: Members<IssuerKey> = { id: integerFrom(0), publicKey: keyText };

const isKey = (key: unknown): boolean => key === 'feed' || !optionsFault(key, 'key', KEY);

const keys: Check = (value) =>
  value === 'feed' || (Array.isArray(value) && value.every(isKey))
    ? undefined
    : "'feed', or a list of { id, publicKey } with keys as text, which may contain 'feed'";

const OPTIONS: Members<VerifierOptions> = {
  issuer: httpUrl,
  audience: httpUrl,
  keys,
  feed: having('find', 'refresh'),
  tiers: optional(object),
  nonces: optional(having('issue', 'accepts')),
  spendsApprovals: optional(oneOf([true, false])),
  now: optional(callable),
};

const TIER_NAMES: Members<Tiers> = { 0: object, 1: object, 2: object, 3: object };
const TIER_RULE: Members<TierRule> = {
  headSecondsMax: numberFrom(0),
  whenOlder: oneOf(['allow_stale', 'ask']),
  whenFresh: oneOf(['offline', 'ask']),
};

/** Returns the options. Throws a TypeError that names a wrong option and what it must be. */
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
