import {
  authorizeChecks,
  type Block,
  type ChainCache,
  createChainCache,
  DEFAULT_CACHE_BOUNDS,
  type Fact,
  type Limits,
  type LoadedBlock,
  narrow as narrowToken,
  parseAndVerify,
  parseToken,
  publicKeyFromBytes,
  type RootKey,
  type Rule,
  type VerifiedToken,
} from '../biscuit/index.ts';
import type { UnixSeconds } from '../clock.ts';
import { fromHex, toHex } from '../encoding.ts';
import { CALL_DATASETS_MAX, TOKEN_TEXT_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { ARGUMENT_CONTAINERS_MAX, ARGUMENT_LEAVES_MAX } from './arguments.ts';
import type { Authority, AuthorityError } from './authority.ts';
import { authorityIn } from './authority-facts.ts';
import { type Narrowing, type NarrowingError, writeCaveats } from './caveats.ts';
import { expiryOf } from './expiry.ts';
import { argumentClause, type FailedCheck } from './failed-check.ts';
import type { Hop, HopError } from './hops.ts';
import { ARGUMENT_FACTS_MAX } from './text-reading.ts';
import { type TokenError, toTokenError } from './token-error.ts';
import { TOKEN_LIMITS } from './token-limits.ts';

/** The public half of one of the issuer's root keys. */
export interface IssuerKey {
  /** Tokens carry it as a hint. */
  readonly id: number;
  /** 32 bytes in lower-case hex. */
  readonly publicKey: string;
}

// The facts of a call are bounded elsewhere, and must not use up the token's share.
const FACTS_OF_A_CALL_MAX =
  16 +
  CALL_DATASETS_MAX +
  ARGUMENT_FACTS_MAX * ARGUMENT_LEAVES_MAX +
  2 * (ARGUMENT_CONTAINERS_MAX + 1);
const EVALUATION_LIMITS: Limits = {
  ...TOKEN_LIMITS,
  factsMax: TOKEN_LIMITS.factsMax + FACTS_OF_A_CALL_MAX,
};

/** The issuer's keys, imported once, and a cache of recently verified chains of its tokens. */
export interface TrustedIssuer {
  readonly keys: readonly RootKey[];
  readonly cache: ChainCache;
}

/**
 * Imports the keys of an issuer.
 *
 * `before` passes on the cache of verified chains. This is safe after a key was removed: each
 * cached chain was verified under one root key, and counts only while that key is one of `keys`.
 *
 * Throws a TypeError for an invalid key, because keys are configuration and not a caller's input.
 */
export function trustIssuer(keys: readonly IssuerKey[], before?: TrustedIssuer): TrustedIssuer {
  const roots = keys.map(({ id, publicKey }): RootKey => {
    const key = publicKeyFromBytes('ed25519', fromHex(publicKey) ?? new Uint8Array());
    if (!key.ok) throw new TypeError(`issuer key ${id} is not 32 bytes of lower-case hex`);
    return { id, key: key.value };
  });
  return {
    keys: roots,
    cache: before?.cache ?? createChainCache(DEFAULT_CACHE_BOUNDS, TOKEN_LIMITS),
  };
}

/**
 * A token whose signatures were verified under an issuer key and whose authority was read. Its
 * checks were not evaluated, and its revocation was not checked: it allows nothing yet.
 */
export class VerifiedCapability {
  readonly authority: Authority;
  /** In lower-case hex, authority block first. Tokens are logged and revoked by these. */
  readonly revocationIds: readonly string[];
  /** The root key that verified its signatures: the public half in lower-case hex. */
  readonly issuerKey: string;
  /** How it was handed on, in order; empty if its first holder has it. */
  readonly hops: readonly Hop[];
  readonly #token: VerifiedToken;
  readonly #factsRead: ReadonlySet<string>;

  constructor(token: VerifiedToken, authority: Authority, hops: readonly Hop[] = []) {
    this.authority = authority;
    this.hops = hops;
    this.revocationIds = token.revocationIds.map(toHex);
    this.issuerKey = toHex(token.rootKey.bytes);
    this.#token = token;
    this.#factsRead = factsRead(token);
  }

  /**
   * RFC 7638 thumbprint of the key that it is bound to: that of the last hop, or without one that
   * of the authority block. Undefined if it is bound to no key.
   */
  get holder(): string | undefined {
    return this.hops.at(-1)?.to ?? this.authority.holder;
  }

  /** Returns whether a check or a rule of some block reads facts of this name. */
  readsFact(name: string): boolean {
    return this.#factsRead.has(name);
  }

  /** The time from which no call is allowed; see `expiryOf`. */
  get expires(): UnixSeconds | undefined {
    return expiryOf(this.#token.blocks.map(({ block }) => block));
  }

  /** The blocks as Datalog, authority block first; see `readChecks`. */
  get blocks(): readonly Block[] {
    return this.#token.blocks.map(({ block }) => block);
  }

  /** The same blocks, with the keys and signatures of third parties. */
  get signedBlocks(): readonly LoadedBlock[] {
    return this.#token.blocks;
  }

  /**
   * Evaluates every check of every block over `facts` and returns those that failed. An empty list
   * means that all checks passed.
   */
  failedChecks(facts: readonly Fact[]): Result<readonly FailedCheck[], TokenError> {
    const decided = authorizeChecks(this.#token, {
      authorizer: ALLOW,
      // Facts that no check or rule reads cannot change the result.
      facts: facts.filter(({ name }) => this.#factsRead.has(name)),
      limits: EVALUATION_LIMITS,
    });
    if (decided.ok) return ok([]);
    if (decided.error.code !== 'unauthorized') return refuse(toTokenError(decided.error));
    return ok(
      decided.error.checks.map(({ origin, checkId, rule }) => {
        const block = origin === 'authorizer' ? 0 : origin;
        const check = this.#token.blocks[block]?.block.checks[checkId];
        const bodies = check?.queries.flatMap(({ body }) => body.map(({ name }) => name));
        const argument = check && argumentClause(check);
        const facts = [...new Set(bodies)];
        return { block, check: checkId, source: rule, facts, ...(argument && { argument }) };
      }),
    );
  }
}

function factsRead({ blocks }: VerifiedToken): ReadonlySet<string> {
  const names = new Set<string>();
  const read = ({ body }: Pick<Rule, 'body'>) => {
    for (const { name } of body) names.add(name);
  };
  for (const { block } of blocks) {
    block.rules.forEach(read);
    for (const { queries } of block.checks) queries.forEach(read);
  }
  return names;
}

/** A hop that does not count, in a token whose signatures are valid. */
export interface RejectedHop extends HopError {
  /** The token as its first holder had it, for records only. It allows nothing. */
  readonly of: VerifiedCapability;
}

// Grants are decided in code (uncoveredDataset). The engine only evaluates the checks.
const ALLOW = {
  facts: [],
  rules: [],
  checks: [],
  policies: [{ kind: 'allow', queries: [{ body: [], expressions: [], scopes: [] }] }],
  scopes: [],
} as const;

/**
 * Verifies the signatures of a token and reads its authority. Checks the size first, then the form,
 * then the signatures.
 *
 * The result allows nothing yet: checks, expiry, grants and revocation are not judged. A verifier
 * (`hewn/verifier`) does all of that.
 *
 * @example
 * ```ts
 * import { openToken, trustIssuer } from 'hewn/capability';
 *
 * const opened = await openToken(token, trustIssuer(issuerKeys));
 * if (!opened.ok) throw new Error(opened.error.code);
 * console.log(opened.value.authority.workflow, opened.value.revocationIds);
 * ```
 */
export async function openToken(
  text: string,
  issuer: TrustedIssuer,
): Promise<Result<VerifiedCapability, TokenError | AuthorityError | RejectedHop>> {
  if (text.length > TOKEN_TEXT_BYTES_MAX) return refuse({ code: 'token_too_large' });
  const { keys, cache } = issuer;
  const token = await parseAndVerify(text, keys, { cache, limits: TOKEN_LIMITS });
  if (!token.ok) return refuse(toTokenError(token.error));
  const first = token.value.derive(readCapability);
  if (!first.ok || token.value.blocks.every(({ externalKey }) => !externalKey)) return first;
  // From the bundle, and so without I/O: most tokens stay with their first holder.
  const { readHops } = await import('./hops.ts');
  const { authority } = first.value;
  const hops = await readHops(token.value.blocks, authority.holder);
  return hops.ok
    ? ok(new VerifiedCapability(token.value, authority, hops.value))
    : refuse({ ...hops.error, of: first.value });
}

function readCapability(token: VerifiedToken): Result<VerifiedCapability, AuthorityError> {
  const authority = authorityOf(token);
  return authority.ok ? ok(new VerifiedCapability(token, authority.value)) : authority;
}

// Every step of a workflow starts with the same authority block. The cache of chains returns it as
// the same object, so it is read once. Only what was read is kept, never a decision.
const authorities = new WeakMap<object, Result<Authority, AuthorityError>>();

function authorityOf(token: VerifiedToken): Result<Authority, AuthorityError> {
  const [first] = token.blocks;
  if (!first) throw new Error('a verified token has no authority block');
  let authority = authorities.get(first.block);
  if (!authority) {
    authority = authorityIn(first.block);
    authorities.set(first.block, authority);
  }
  return authority;
}

/**
 * Returns a token that is narrowed by one block of caveats. Works offline and needs no key. The
 * result allows at most what `token` allows.
 *
 * Refuses a narrowing with an unknown member or an invalid value, and a token that would exceed
 * 8 KiB or 16 blocks.
 *
 * @example
 * ```ts
 * import { narrow } from 'hewn/capability';
 *
 * const step = await narrow(token, {
 *   tool: 'crm.search',
 *   dataset: 'crm/contacts/eu',
 *   expires: new Date(Date.now() + 30_000),
 * });
 * if (!step.ok) throw new Error(step.error.code);
 * console.log(step.value);
 * ```
 */
export async function narrow(
  token: string,
  narrowing: Narrowing,
): Promise<Result<string, NarrowingError | TokenError>> {
  if (token.length > TOKEN_TEXT_BYTES_MAX) return refuse({ code: 'token_too_large' });
  const caveats = await writeCaveats(narrowing);
  if (!caveats.ok) return caveats;
  return appendBlock(token, caveats.value);
}

async function appendBlock(token: string, block: Block): Promise<Result<string, TokenError>> {
  const parsed = parseToken(token, TOKEN_LIMITS);
  if (!parsed.ok) return refuse(toTokenError(parsed.error));
  const narrowed = await narrowToken(parsed.value, block);
  if (!narrowed.ok) return refuse(toTokenError(narrowed.error));
  const { text } = narrowed.value;
  return text.length > TOKEN_TEXT_BYTES_MAX ? refuse({ code: 'token_too_large' }) : ok(text);
}
