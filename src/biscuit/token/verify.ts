/** Turns an unverified token into a verified one. */
import { list, type Members, object, optional, readOptions } from '../../options.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { keepImport } from '../crypto/index.ts';
import { type KeyAlgorithm, type PublicKey, regexFor } from '../datalog/index.ts';
import type { BiscuitError } from '../errors.ts';
import { type SignedBlock, samePublicKey } from '../format/index.ts';
import { checkLimits, DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { ChainCache } from './cache.ts';
import { checkChain } from './chain.ts';
import { parseToken, UnverifiedToken } from './unverified.ts';
import { VerifiedToken } from './verified.ts';

/** `id` is what tokens carry as their root key id. */
export type RootKey = { readonly id?: number; readonly key: PublicKey };

/** Options of `verifyToken` and `parseAndVerify`. */
export type VerifyOptions = {
  readonly cache?: ChainCache;
  /**
   * The algorithms allowed for a root key and a next key. Default: Ed25519 only. An ECDSA signature
   * can be changed into another valid one, and a block's revocation id is its signature. So a
   * caller that allows P-256 must not rely on revoking the last block of a chain.
   *
   * A third party may sign with either: its signature is no revocation id, and that of the block
   * covers it.
   */
  readonly algorithms?: readonly KeyAlgorithm[];
};

type ParseOptions = VerifyOptions & { readonly limits?: Limits };

const OPTIONS: Members<VerifyOptions> = { cache: optional(object), algorithms: optional(list) };
const PARSE_OPTIONS: Members<ParseOptions> = { ...OPTIONS, limits: optional(object) };

const ED25519_ALONE: readonly KeyAlgorithm[] = ['ed25519'];

/**
 * Verifies the signatures of all blocks and the proof, and decodes all blocks. Decides nothing: it
 * evaluates no check and looks up no revocation.
 *
 * The token's root key id only says which key to try first, because no signature covers it.
 *
 * @example
 * ```ts
 * import { parseToken, publicKeyFromText, verifyToken } from 'hewn/biscuit';
 *
 * const rootKey = publicKeyFromText(`ed25519/${issuerKeys[0]?.publicKey}`);
 * const parsed = parseToken(token);
 * if (!rootKey.ok || !parsed.ok) throw new Error('malformed');
 * const verified = await verifyToken(parsed.value, rootKey.value);
 * if (!verified.ok) throw new Error(verified.error.code);
 * ```
 */
export async function verifyToken(
  token: UnverifiedToken,
  keys: PublicKey | readonly RootKey[],
  options: VerifyOptions = {},
): Promise<Result<VerifiedToken, BiscuitError>> {
  const { cache, algorithms = ED25519_ALONE } = readOptions(options, 'verifyToken', OPTIONS);
  const { limits } = UnverifiedToken.inside(token);
  const known = cache && lookUp(cache, token.text, limits, inOrder(keys, undefined), algorithms);
  return known === undefined ? verifyUnknown(token, keys, options) : ok(known);
}

async function verifyUnknown(
  token: UnverifiedToken,
  keys: PublicKey | readonly RootKey[],
  { cache, algorithms = ED25519_ALONE }: VerifyOptions,
): Promise<Result<VerifiedToken, BiscuitError>> {
  const { envelope } = UnverifiedToken.inside(token);
  const rootKeys = inOrder(keys, envelope.rootKeyId);
  const refused = refusedAlgorithm(envelope.blocks, algorithms);
  if (refused !== undefined) return refuse(refused);
  let refusal: BiscuitError = { code: 'root_key_unknown' };
  for (const { key } of rootKeys) {
    const answer = algorithms.includes(key.algorithm)
      ? await verifyUnder(token, key, cache)
      : refuse({ code: 'key_algorithm_refused', algorithm: key.algorithm } as const);
    if (answer.ok) return answer;
    refusal = answer.error;
    if (!isOfRootKey(refusal)) break;
  }
  return refuse(refusal);
}

/**
 * Combines `parseToken` and `verifyToken`. A token in the cache is not even parsed. Its size was
 * within the limits when it was cached.
 *
 * @example
 * ```ts
 * import { createChainCache, parseAndVerify, publicKeyFromText } from 'hewn/biscuit';
 *
 * const cache = createChainCache();
 * const rootKey = publicKeyFromText(`ed25519/${issuerKeys[0]?.publicKey}`);
 * if (!rootKey.ok) throw new Error(rootKey.error.code);
 * const verified = await parseAndVerify(token, rootKey.value, { cache });
 * if (!verified.ok) throw new Error(verified.error.code);
 * ```
 */
export function parseAndVerify(
  input: Uint8Array | string,
  keys: PublicKey | readonly RootKey[],
  options: ParseOptions = {},
): Promise<Result<VerifiedToken, BiscuitError>> {
  readOptions(options, 'parseAndVerify', PARSE_OPTIONS);
  const { cache, algorithms = ED25519_ALONE } = options;
  const limits = checkLimits(options.limits ?? DEFAULT_LIMITS);
  if (cache !== undefined && typeof input === 'string') {
    const known = lookUp(cache, input, limits, inOrder(keys, undefined), algorithms);
    if (known !== undefined) return Promise.resolve(ok(known));
  }
  const token = parseToken(input, limits);
  if (!token.ok) return Promise.resolve(token);
  // The text was just looked up; do not look it up again.
  const isLookedUp = token.value.text === input;
  const known = cache ? { cache, algorithms } : { algorithms };
  return (isLookedUp ? verifyUnknown : verifyToken)(token.value, keys, known);
}

/** A cached token must still match this caller's root keys and algorithms. */
function lookUp(
  cache: ChainCache,
  text: string,
  limits: Limits,
  rootKeys: readonly RootKey[],
  algorithms: readonly KeyAlgorithm[],
): VerifiedToken | undefined {
  const known = ChainCache.token(cache, text, limits);
  if (known === undefined) return undefined;
  const { rootKey, unverified } = known;
  if (!rootKeys.some(({ key }) => samePublicKey(key, rootKey))) return undefined;
  const { blocks } = UnverifiedToken.inside(unverified).envelope;
  const isRefused =
    !algorithms.includes(rootKey.algorithm) || refusedAlgorithm(blocks, algorithms) !== undefined;
  return isRefused ? undefined : known;
}

async function verifyUnder(
  token: UnverifiedToken,
  key: PublicKey,
  cache: ChainCache | undefined,
): Promise<Result<VerifiedToken, BiscuitError>> {
  const { envelope, limits } = UnverifiedToken.inside(token);
  const { blocks } = envelope;
  keepImport(key);
  const chain = cache === undefined ? [] : ChainCache.chain(cache, key, blocks, limits);
  const refusal = await checkChain(envelope, chain.length, chain.at(-1)?.nextKey ?? key);
  if (refusal !== undefined) return refuse(refusal);
  const known = chain.map(({ block }) => block);
  const decoded = UnverifiedToken.decode(token, blocks.length, known);
  if (!decoded.ok) return decoded;
  // After the signatures, so that only a valid token can cause this work.
  const regex = await regexFor(decoded.value.map(({ block }) => block));
  const verified = new VerifiedToken(token, key, decoded.value, regex);
  if (cache !== undefined) ChainCache.store(cache, verified, blocks, decoded.value, chain);
  return ok(verified);
}

/** Returns the keys, the hinted one first. */
function inOrder(
  keys: PublicKey | readonly RootKey[],
  rootKeyId: number | undefined,
): readonly RootKey[] {
  if ('algorithm' in keys) return [{ key: keys }];
  if (keys.length < 2 || rootKeyId === undefined) return keys;
  const isHinted = ({ id }: RootKey) => id === rootKeyId;
  return [...keys.filter(isHinted), ...keys.filter((key) => !isHinted(key))];
}

function refusedAlgorithm(
  blocks: readonly SignedBlock[],
  algorithms: readonly KeyAlgorithm[],
): BiscuitError | undefined {
  for (const { nextKey } of blocks)
    if (!algorithms.includes(nextKey.algorithm))
      return { code: 'key_algorithm_refused', algorithm: nextKey.algorithm };
  return undefined;
}

/** Returns whether another root key could change the answer. */
const isOfRootKey = (refusal: BiscuitError): boolean =>
  refusal.code === 'key_algorithm_refused' ||
  ((refusal.code === 'signature_invalid' || refusal.code === 'signature_malformed') &&
    refusal.blockId === 0);
