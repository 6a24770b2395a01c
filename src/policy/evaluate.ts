import {
  type AuthorizerSource,
  authorizeWithoutToken,
  type BiscuitError,
  type Fact,
  type Policy,
  query,
  type Rule,
  type Term,
  variable,
  type World,
} from '../biscuit/index.ts';
import type { Catalogue } from '../catalogue/index.ts';
import { CAPABILITY_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Ask, type Bounds, readBounds } from './bounds.ts';
import type { RefusalReason, RuleAt } from './policy.ts';
import { type Requirements, readRequirements } from './requirements.ts';

/** The statements of a policy, with the positions of its rules, checks and policies in order. */
export interface LoadedRules {
  readonly authorizer: AuthorizerSource;
  readonly rules: readonly Placed[];
  readonly checks: readonly Placed[];
  /** The `allow if` and `deny if` statements. */
  readonly policies: readonly Placed[];
  /** Describes the tools that grants name. */
  readonly catalogue: Catalogue;
}

/** A statement as the engine prints it, and where it starts. */
export interface Placed {
  readonly rule: string;
  readonly at: RuleAt;
}

export interface Permission extends Placed, Bounds, Requirements {
  readonly owner: string;
  readonly lifetimeSeconds: number;
  readonly holderRequired: boolean;
  readonly unattended: boolean;
}

/**
 * Evaluates one requested grant in a separate world, so that an error or a runaway rule refuses
 * only that grant. The evaluation is bounded by counts, like that of a token.
 */
export function evaluate(
  rules: LoadedRules,
  facts: readonly Fact[],
): Result<Permission, RefusalReason> {
  const allowed = authorizeWithoutToken({ authorizer: rules.authorizer, facts });
  if (!allowed.ok) return refuse(toReason(allowed.error, rules));
  const { policyIndex, world } = allowed.value;
  const placed = rules.policies[policyIndex];
  if (placed === undefined) throw new Error('the engine named a policy that was not loaded');
  const ask: Ask = (rule) => {
    const found = query(world, rule);
    return found.ok ? found : refuse(toReason(found.error, rules));
  };
  const owners = ask(OWNERS);
  const lifetimes = ask(LIFETIMES);
  const holders = ask(HOLDERS);
  const alone = ask(UNATTENDED);
  if (!owners.ok) return owners;
  if (!lifetimes.ok) return lifetimes;
  if (!holders.ok) return holders;
  if (!alone.ok) return alone;
  // Anything except `false` requires a key: a misspelt value must not make it optional.
  const holderRequired = firstTerms(holders.value).some(({ value }) => value !== false);
  const unattended = isTrue(firstTerms(alone.value));
  const permitted = permission(placed, firstTerms(owners.value), firstTerms(lifetimes.value));
  if (!permitted.ok) return permitted;
  const bounds = readBounds(ask);
  if (!bounds.ok) return bounds;
  const requirements = readRequirements(ask);
  if (!requirements.ok) return requirements;
  return ok({
    ...permitted.value,
    ...bounds.value,
    ...requirements.value,
    holderRequired,
    unattended,
  });
}

const ANYTHING: Policy = { kind: 'allow', queries: [{ body: [], expressions: [], scopes: [] }] };

/** Returns everything that the policy derives from the facts, regardless of its decision. */
export function openWorld(
  rules: LoadedRules,
  facts: readonly Fact[],
): Result<World, RefusalReason> {
  const authorizer = { ...rules.authorizer, checks: [], policies: [ANYTHING] };
  const allowed = authorizeWithoutToken({ authorizer, facts });
  return allowed.ok ? ok(allowed.value.world) : refuse(toReason(allowed.error, rules));
}

/** Returns a query over such a world. */
export function queryAll(rules: LoadedRules, facts: readonly Fact[]): Result<Ask, RefusalReason> {
  const world = openWorld(rules, facts);
  if (!world.ok) return world;
  return ok((rule) => {
    const found = query(world.value, rule);
    return found.ok ? found : refuse(toReason(found.error, rules));
  });
}

/** `unattended(true)` together with `unattended(false)` is a contradiction, and permits nothing. */
const isTrue = (terms: readonly Term[]): boolean =>
  terms.length === 1 && terms.every(({ kind, value }) => kind === 'bool' && value === true);

function permission(
  placed: Placed,
  owners: readonly Term[],
  lifetimes: readonly Term[],
): Result<Placed & Pick<Permission, 'owner' | 'lifetimeSeconds'>, RefusalReason> {
  const [owner] = owners;
  if (owner === undefined) return refuse({ code: 'owner_missing' });
  if (owners.length > 1 || owner.kind !== 'string') return refuse({ code: 'owner_invalid' });
  if (lifetimes.length === 0) return refuse({ code: 'lifetime_missing' });
  const seconds = lifetimes.map(({ kind, value }) => (kind === 'integer' ? Number(value) : 0));
  const lifetimeSeconds = Math.min(CAPABILITY_SECONDS_MAX, ...seconds);
  if (lifetimeSeconds < 1) return refuse({ code: 'lifetime_invalid' });
  return ok({ ...placed, owner: owner.value, lifetimeSeconds });
}

const every = (name: string): Rule => {
  const predicate = { name, terms: [variable('value')] };
  return { head: predicate, body: [predicate], expressions: [], scopes: [] };
};
const OWNERS = every('owner');
const LIFETIMES = every('max_lifetime');
const HOLDERS = every('require_holder');
const UNATTENDED = every('unattended');

const firstTerms = (facts: readonly Fact[]): readonly Term[] =>
  facts.flatMap(({ terms }) => terms.slice(0, 1));

function toReason(error: BiscuitError, rules: LoadedRules): RefusalReason {
  switch (error.code) {
    case 'no_matching_policy':
      return { code: 'no_rule' };
    case 'unauthorized': {
      const { policy, checks } = error;
      const denied = policy.kind === 'deny' ? rules.policies[policy.index] : undefined;
      if (denied !== undefined) return { code: 'denied', ...denied };
      const failed = rules.checks[checks[0]?.checkId ?? -1];
      if (failed === undefined) throw new Error('the engine named a check that was not loaded');
      return { code: 'check_failed', ...failed };
    }
    case 'limit_exceeded':
      return { code: 'over_limit', limit: error.limit };
    default:
      return { code: 'policy_failed', error: error.code };
  }
}
