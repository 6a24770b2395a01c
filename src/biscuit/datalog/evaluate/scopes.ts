/** Which origins a rule, check or policy trusts (SPECIFICATIONS.md, "Scopes"). */
import type { PublicKey, Scope } from '../ast.ts';
import type { Origin } from './facts.ts';
import { type Run, spendSteps } from './run.ts';

export const AUTHORIZER: Origin = 1;
export const AUTHORITY: Origin = 2;
/** Origins stay small integers, which engines hold without allocating, up to this many blocks. */
export const ORIGIN_BLOCKS_MAX = 29;

export const blockOrigin = (blockId: number): Origin => 1 << (blockId + 1);

const sameKey = (a: PublicKey, b: PublicKey) =>
  a.algorithm === b.algorithm &&
  a.bytes.length === b.bytes.length &&
  a.bytes.every((byte, i) => byte === b.bytes[i]);

/**
 * Trusted are the authorizer and the block itself, always, and what the scopes add to them.
 *
 * @param run charged for the keys that are compared; nothing is trusted once it has failed
 * @param own the origin of the block that the scopes stand in, or `AUTHORIZER`
 * @param fallback trusted where there are no scopes
 * @param externalKeys the key that signed each block besides the chain, by block
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
    // Every bit below the block's own, so the authority block too. Nothing comes before the
    // authorizer: there `previous` adds nothing.
    else if (scope.kind === 'previous') trusted |= own - 1;
    else
      externalKeys.forEach((key, blockId) => {
        if (key !== undefined && sameKey(key, scope.key)) trusted |= blockOrigin(blockId);
      });
  }
  return trusted;
}
