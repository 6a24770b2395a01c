/** Determines which origins a rule, check or policy trusts (SPECIFICATIONS.md, "Scopes"). */
import type { PublicKey, Scope } from '../ast.ts';
import type { Origin } from './facts.ts';
import { type Run, spendSteps } from './run.ts';

export const AUTHORIZER: Origin = 1;
export const AUTHORITY: Origin = 2;
/** Up to this many blocks, an origin is a small integer, which engines store without allocating. */
export const ORIGIN_BLOCKS_MAX = 29;

export const blockOrigin = (blockId: number): Origin => 1 << (blockId + 1);

const sameKey = (a: PublicKey, b: PublicKey) =>
  a.algorithm === b.algorithm &&
  a.bytes.length === b.bytes.length &&
  a.bytes.every((byte, i) => byte === b.bytes[i]);

/**
 * Returns the trusted origins: the authorizer and the block itself, and those that the scopes add.
 *
 * @param run charged for the keys that are compared; if it fails, nothing is trusted
 * @param own the origin of the block that contains the scopes, or `AUTHORIZER`
 * @param fallback trusted if there are no scopes
 * @param externalKeys the key of each third-party block, by block
 */
export function trustedOrigins(
  run: Run,
  scopes: readonly Scope[],
  own: Origin,
  fallback: Origin,
  externalKeys: readonly (PublicKey | undefined)[],
): Origin {
  let trusted = AUTHORIZER | own;
  if (scopes.length === 0) return trusted | fallback;
  if (!spendSteps(run, scopes.length * externalKeys.length)) return 0;
  for (const scope of scopes) {
    if (scope.kind === 'authority') trusted |= AUTHORITY;
    // All bits below the block's own, including the authority block. Nothing precedes the
    // authorizer, so `previous` adds nothing there.
    else if (scope.kind === 'previous') trusted |= own - 1;
    else
      externalKeys.forEach((key, blockId) => {
        if (key !== undefined && sameKey(key, scope.key)) trusted |= blockOrigin(blockId);
      });
  }
  return trusted;
}
