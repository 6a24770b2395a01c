import {
  type AuthorizerSource,
  authorizeWithoutToken,
  type BiscuitError,
  type Fact,
  query,
  type Rule,
  type Term,
  variable,
} from '../biscuit/index.ts';
import { CAPABILITY_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { RefusalReason } from './policy.ts';

/** The statements of a policy, and its `allow if` and `deny if` in their order, as printed. */
export interface LoadedRules {
  readonly authorizer: AuthorizerSource;
  readonly printed: readonly string[];
}

export interface Permission {
  readonly rule: string;
  readonly owner: string;
  readonly lifetimeSeconds: number;
}

/**
 * Evaluates one request in a world of its own, so that an error or a runaway rule that one
 * requested grant provokes is that grant's refusal alone. Bounded by counts, as a token's is.
 */
export function evaluate(
  { authorizer, printed }: LoadedRules,
  facts: readonly Fact[],
): Result<Permission, RefusalReason> {
  const allowed = authorizeWithoutToken({ authorizer, facts });
  if (!allowed.ok) return refuse(toReason(allowed.error, printed));
  const { policyIndex, world } = allowed.value;
  const rule = printed[policyIndex];
  if (rule === undefined) throw new Error('the engine named a policy that was not loaded');
  const owners = query(world, OWNERS);
  const lifetimes = query(world, LIFETIMES);
  if (!owners.ok) return refuse(toReason(owners.error, printed));
  if (!lifetimes.ok) return refuse(toReason(lifetimes.error, printed));
  return permission(rule, firstTerms(owners.value), firstTerms(lifetimes.value));
}

function permission(
  rule: string,
  owners: readonly Term[],
  lifetimes: readonly Term[],
): Result<Permission, RefusalReason> {
  const [owner] = owners;
  if (owner === undefined) return refuse({ code: 'owner_missing' });
  if (owners.length > 1 || owner.kind !== 'string') return refuse({ code: 'owner_invalid' });
  if (lifetimes.length === 0) return refuse({ code: 'lifetime_missing' });
  const seconds = lifetimes.map(({ kind, value }) => (kind === 'integer' ? Number(value) : 0));
  const lifetimeSeconds = Math.min(CAPABILITY_SECONDS_MAX, ...seconds);
  if (lifetimeSeconds < 1) return refuse({ code: 'lifetime_invalid' });
  return ok({ rule, owner: owner.value, lifetimeSeconds });
}

const every = (name: string): Rule => {
  const predicate = { name, terms: [variable('value')] };
  return { head: predicate, body: [predicate], expressions: [], scopes: [] };
};
const OWNERS = every('owner');
const LIFETIMES = every('max_lifetime');

const firstTerms = (facts: readonly Fact[]): readonly Term[] =>
  facts.flatMap(({ terms }) => terms.slice(0, 1));

function toReason(error: BiscuitError, printed: readonly string[]): RefusalReason {
  switch (error.code) {
    case 'no_matching_policy':
      return { code: 'no_rule' };
    case 'unauthorized': {
      const { policy, checks } = error;
      const denied = policy.kind === 'deny' ? printed[policy.index] : undefined;
      return denied === undefined
        ? { code: 'check_failed', rule: checks[0]?.rule ?? '' }
        : { code: 'denied', rule: denied };
    }
    case 'limit_exceeded':
      return { code: 'over_limit', limit: error.limit };
    default:
      return { code: 'policy_failed', error: error.code };
  }
}
