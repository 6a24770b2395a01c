import { bool, type Fact, fact, integer, string, type Term } from '../biscuit/index.ts';
import type { Json } from '../canonical-json.ts';
import { utf8 } from '../encoding.ts';

// The claims of one identity that a policy sees. Each is a fact; beyond this, nothing is decided.
export const CLAIM_FACTS_MAX = 128;
export const CLAIMS_BYTES_MAX = 8 * 1024;

/** Verified claims by name. */
export type Claims = Readonly<Record<string, Json>>;

/**
 * Returns the claims of an identity as facts with name and value. An array becomes one fact for
 * each element. An object and null become none. A fraction becomes a string, because Datalog has no
 * fractions.
 */
export const claimFacts = (
  name: 'workload_claim' | 'user_claim',
  claims: Claims = {},
): readonly Fact[] =>
  Object.entries(claims).flatMap(([claim, value]) =>
    scalars(value).map((one) => fact(name, string(claim), one)),
  );

function scalars(value: Json): readonly Term[] {
  if (Array.isArray(value)) return value.flatMap((one: Json) => scalar(one) ?? []);
  return [scalar(value) ?? []].flat();
}

function scalar(value: Json): Term | undefined {
  if (typeof value === 'string') return string(value);
  if (typeof value === 'boolean') return bool(value);
  if (typeof value !== 'number') return undefined;
  return Number.isSafeInteger(value) ? integer(value) : string(String(value));
}

/**
 * Whether a policy can see all claims. If not, nothing is decided, because a `deny if` could depend
 * on the claims that were left out.
 */
export function areClaimsWithinBounds(claims: Claims = {}): boolean {
  let bytes = 0;
  let count = 0;
  for (const [name, value] of Object.entries(claims)) {
    for (const one of scalars(value)) {
      count += 1;
      const text = one.kind === 'string' ? one.value : '';
      if (!name.isWellFormed() || !text.isWellFormed()) return false;
      bytes += utf8(name).length + utf8(text).length;
      if (count > CLAIM_FACTS_MAX || bytes > CLAIMS_BYTES_MAX) return false;
    }
  }
  return true;
}
