import type { Principal } from '../policy/index.ts';

/** Resolves a name as records spell it. Returns undefined if no configured issuer has it. */
export type Names = (qualified: string) => { readonly issuerName: string } | undefined;

/**
 * Returns an identity as a policy sees it, without claims: `idp#alice` for
 * `https://idp.example#alice`. A SPIFFE ID is a subject as a whole. Undefined for an identity of an
 * issuer that is not configured any more.
 */
export function principalOf(qualified: string, names: Names): Principal | undefined {
  const named = names(qualified);
  if (!named) return undefined;
  const subject = qualified.startsWith('spiffe://')
    ? qualified
    : qualified.slice(qualified.indexOf('#') + 1);
  return { issuerName: named.issuerName, subject };
}
