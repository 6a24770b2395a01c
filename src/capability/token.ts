import {
  authorizeChecks,
  type Block,
  type ChainCache,
  createChainCache,
  DEFAULT_CACHE_BOUNDS,
  DEFAULT_LIMITS,
  type Fact,
  type Limits,
  narrow as narrowToken,
  parseAndVerify,
  parseToken,
  publicKeyFromBytes,
  type RootKey,
  type Rule,
  type Term,
  type VerifiedToken,
} from '../biscuit/index.ts';
import { fromHex, toHex } from '../encoding.ts';
import { CALL_DATASETS_MAX, TOKEN_TEXT_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { ARGUMENT_CONTAINERS_MAX, ARGUMENT_LEAVES_MAX } from './arguments.ts';
import {
  AUTHORITY_PREDICATES,
  type Authority,
  type AuthorityError,
  invalidFact,
  readAuthority,
} from './authority.ts';
import { type Narrowing, type NarrowingError, writeCaveats } from './caveats.ts';
import { expiryOf } from './expiry.ts';
import { argumentClause, type FailedCheck } from './failed-check.ts';
import { ARGUMENT_FACTS_MAX } from './text-reading.ts';
import { type TokenError, toTokenError } from './token-error.ts';

const TOKEN_BLOCKS_MAX = 16;

/**
 * One of the issuer's root keys: the id that tokens carry as a hint, and the raw public half in
 * hex.
 */
export interface IssuerKey {
  readonly id: number;
  readonly publicKey: string;
}

const LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  tokenBytesMax: TOKEN_TEXT_BYTES_MAX,
  blocksMax: TOKEN_BLOCKS_MAX,
};

// What a call can bring is bounded before it comes here, and must not use up the token's share.
const FACTS_OF_A_CALL_MAX =
  16 +
  CALL_DATASETS_MAX +
  ARGUMENT_FACTS_MAX * ARGUMENT_LEAVES_MAX +
  2 * (ARGUMENT_CONTAINERS_MAX + 1);
const EVALUATION_LIMITS: Limits = {
  ...LIMITS,
  factsMax: LIMITS.factsMax + FACTS_OF_A_CALL_MAX,
};

/** The issuer's keys, imported once, and the chains of its tokens that were verified lately. */
export interface TrustedIssuer {
  readonly keys: readonly RootKey[];
  readonly cache: ChainCache;
}

/**
 * Throws a TypeError for a key that is none: a verifier's configuration, not a caller's input.
 *
 * `before` hands on what was verified under the keys until now. That is safe where a key has gone,
 * because whatever the cache knows is known under one root key, and counts only where that is one
 * of `keys`.
 */
export function trustIssuer(keys: readonly IssuerKey[], before?: TrustedIssuer): TrustedIssuer {
  const roots = keys.map(({ id, publicKey }): RootKey => {
    const key = publicKeyFromBytes('ed25519', fromHex(publicKey) ?? new Uint8Array());
    if (!key.ok) throw new TypeError(`issuer key ${id} is not 32 bytes of lower-case hex`);
    return { id, key: key.value };
  });
  return { keys: roots, cache: before?.cache ?? createChainCache(DEFAULT_CACHE_BOUNDS, LIMITS) };
}

/**
 * A token whose chain of signatures was verified under an issuer key and whose authority was read.
 * It says nothing of revocation, and nothing was allowed yet.
 */
export class VerifiedCapability {
  readonly authority: Authority;
  /** Lower-case hex, authority block first. What a token is logged and revoked by. */
  readonly revocationIds: readonly string[];
  /** The root key that its signatures hold under: public half, lower-case hex. */
  readonly issuerKey: string;
  readonly #token: VerifiedToken;
  readonly #factsRead: ReadonlySet<string>;

  constructor(token: VerifiedToken, authority: Authority) {
    this.authority = authority;
    this.revocationIds = token.revocationIds.map(toHex);
    this.issuerKey = toHex(token.rootKey.bytes);
    this.#token = token;
    this.#factsRead = factsRead(token);
  }

  /** Whether a check or a rule of some block reads facts of this name. */
  readsFact(name: string): boolean {
    return this.#factsRead.has(name);
  }

  /** Unix seconds after which no call is allowed; see `expiryOf`. */
  get expires(): number | undefined {
    return expiryOf(this.#token.blocks.map(({ block }) => block));
  }

  /**
   * Evaluates every check of every block over `facts`; an empty list means that all of them hold.
   */
  failedChecks(facts: readonly Fact[]): Result<readonly FailedCheck[], TokenError> {
    const decided = authorizeChecks(this.#token, {
      authorizer: ALLOW,
      // What no body names, no answer depends on: our policy names nothing.
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

// What is granted is decided in code, over the authority's facts; the engine decides the checks.
const ALLOW = {
  facts: [],
  rules: [],
  checks: [],
  policies: [{ kind: 'allow', queries: [{ body: [], expressions: [], scopes: [] }] }],
  scopes: [],
} as const;

/** Checks size, then shape, then signatures, then reads the authority; in that order. */
export async function openToken(
  text: string,
  issuer: TrustedIssuer,
): Promise<Result<VerifiedCapability, TokenError | AuthorityError>> {
  if (text.length > TOKEN_TEXT_BYTES_MAX) return refuse({ code: 'token_too_large' });
  const { keys, cache } = issuer;
  const token = await parseAndVerify(text, keys, { cache, limits: LIMITS });
  if (!token.ok) return refuse(toTokenError(token.error));
  return token.value.derive(readCapability);
}

function readCapability(token: VerifiedToken): Result<VerifiedCapability, AuthorityError> {
  const authority = authorityOf(token);
  return authority.ok ? ok(new VerifiedCapability(token, authority.value)) : authority;
}

// Every step of a workflow starts with the same authority block, which the cache hands out as the
// same object: it is read once. What is kept is what was read, never what was decided by it.
const authorities = new WeakMap<object, Result<Authority, AuthorityError>>();

function authorityOf(token: VerifiedToken): Result<Authority, AuthorityError> {
  const [first] = token.blocks;
  if (!first) throw new Error('a verified token has no authority block');
  let authority = authorities.get(first.block);
  if (!authority) {
    const rows = authorityRows(first.block);
    authority = rows.ok ? readAuthority(rows.value) : rows;
    authorities.set(first.block, authority);
  }
  return authority;
}

/**
 * Adds one block of caveats, offline and without a key. The result can do at most what `token`
 * could.
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
  const parsed = parseToken(token, LIMITS);
  if (!parsed.ok) return refuse(toTokenError(parsed.error));
  const narrowed = await narrowToken(parsed.value, block);
  if (!narrowed.ok) return refuse(toTokenError(narrowed.error));
  const { text } = narrowed.value;
  return text.length > TOKEN_TEXT_BYTES_MAX ? refuse({ code: 'token_too_large' }) : ok(text);
}

/**
 * The facts that stand in the authority block, read as data: no rule, of ours or of a holder, has
 * a part in it.
 */
function authorityRows({ facts }: Block): Result<Record<string, unknown[][]>, AuthorityError> {
  const rows: Record<string, unknown[][]> = {};
  const counts: Readonly<Record<string, number>> = AUTHORITY_PREDICATES;
  for (const { name, terms } of facts) {
    if (!Object.hasOwn(counts, name)) continue;
    // A `holder` of two terms is not read as none: the token would be bound to no key.
    if (counts[name] !== terms.length) return invalidFact(name, 'with another number of terms');
    rows[name] ??= [];
    rows[name].push(terms.map(plain));
  }
  return ok(rows);
}

function plain({ kind, value }: Term): unknown {
  return kind === 'date' ? new Date(Number(value) * 1000) : value;
}
