import { type Block, parseToken } from '../biscuit/index.ts';
import type { UnixSeconds } from '../clock.ts';
import { TOKEN_TEXT_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Authority, AuthorityError } from './authority.ts';
import { authorityIn } from './authority-facts.ts';
import { expiryOf } from './expiry.ts';
import { listedIn } from './failed-check.ts';
import type { Grant } from './grant.ts';
import { type Hop, type HopBlock, type HopError, readHops } from './hops.ts';
import { type TokenError, toTokenError } from './token-error.ts';
import { TOKEN_LIMITS } from './token-limits.ts';

/** What a token says about itself. No signature of it was verified. */
export interface TokenClaims {
  readonly authority: Authority;
  readonly hops: readonly Hop[];
  /** The thumbprint of the key that it is bound to; undefined if it is bound to none. */
  readonly holder: string | undefined;
  /** The grants of the authority block whose tool every later block allows. */
  readonly grants: readonly Grant[];
  readonly expires: UnixSeconds | undefined;
}

/**
 * Reads a token without the keys of its issuer, for its holder. The result proves nothing: the
 * sender of the token may have written all of it. A verifier judges it.
 *
 * @example
 * ```ts
 * import { inspectToken } from 'hewn/capability';
 *
 * const claims = await inspectToken(token);
 * if (claims.ok) console.log(claims.value.authority.task, claims.value.grants);
 * ```
 */
export async function inspectToken(
  text: string,
): Promise<Result<TokenClaims, TokenError | AuthorityError | HopError>> {
  if (text.length > TOKEN_TEXT_BYTES_MAX) return refuse({ code: 'token_too_large' });
  const parsed = parseToken(text, TOKEN_LIMITS);
  if (!parsed.ok) return refuse(toTokenError(parsed.error));
  const blocks: HopBlock[] = [];
  for (let id = 0; id < parsed.value.blockCount; id++) {
    const block = parsed.value.block(id);
    if (!block.ok) return refuse(toTokenError(block.error));
    blocks.push(block.value);
  }
  const [first, ...later] = blocks.map(({ block }) => block);
  const authority = authorityIn(first as Block);
  if (!authority.ok) return authority;
  const hops = await readHops(blocks, authority.value.holder);
  if (!hops.ok) return hops;
  const allowed = later.flatMap(toolsIn);
  return ok({
    authority: authority.value,
    hops: hops.value,
    holder: hops.value.at(-1)?.to ?? authority.value.holder,
    grants: authority.value.grants.filter(({ tool }) => allowed.every((tools) => tools.has(tool))),
    expires: expiryOf(blocks.map(({ block }) => block)),
  });
}

/** The sets of tools that the checks of a block allow, in the form that a narrowing writes. */
const toolsIn = ({ checks }: Block): readonly ReadonlySet<string>[] =>
  checks.flatMap(({ kind, queries: [query, ...others] }) => {
    const [fact, ...facts] = query?.body ?? [];
    if (kind !== 'all' || !query || others.length > 0 || facts.length > 0) return [];
    const tools = fact?.name === 'tool' && listedIn(query, fact.terms[0]);
    return tools ? [tools] : [];
  });
