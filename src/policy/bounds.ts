import { type Fact, type Rule, type Term, variable } from '../biscuit/index.ts';
import { type Budgets, parseBudgets, smallestBudgets } from '../capability/index.ts';
import type { ToolTier } from '../catalogue/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { RefusalReason } from './policy.ts';

/** The bounds that a policy states for a permitted grant, besides its owner and lifetime. */
export interface Bounds {
  /** The highest tier that the policy states. Undefined if it states none. */
  readonly tier: ToolTier | undefined;
  readonly budgets: Budgets;
  readonly approvalRequired: boolean;
}

/** Budgets by the name of their fact. The last term of each fact is the bound. */
const BUDGETS: Readonly<Record<string, (terms: readonly unknown[]) => unknown>> = {
  max_calls: ([calls]) => ({ calls }),
  max_tool_calls: ([tool, calls]) => ({ tools: [{ tool, calls }] }),
  max_denials: ([denials]) => ({ denials }),
  max_wall_seconds: ([wallSeconds]) => ({ wallSeconds }),
  max_delegation_depth: ([delegationDepth]) => ({ delegationDepth }),
  max_sum: ([tool, pointer, micros]) => ({ sums: [{ tool, pointer, micros }] }),
};

/** The facts that `readBounds` reads, with their number of terms. */
export const BOUND_FACTS: Readonly<Record<string, number>> = {
  tier: 1,
  approval: 1,
  max_calls: 1,
  max_tool_calls: 2,
  max_denials: 1,
  max_wall_seconds: 1,
  max_delegation_depth: 1,
  max_sum: 3,
};

/** Queries the facts that hold for a permitted grant. */
export type Ask = (rule: Rule) => Result<readonly Fact[], RefusalReason>;

/**
 * Reads the bounds of a permitted grant. A malformed fact refuses the grant: if it were skipped,
 * its author would rely on a bound that does not exist.
 */
export function readBounds(ask: Ask): Result<Bounds, RefusalReason> {
  const tier = readTier(ask);
  if (!tier.ok) return tier;
  const approvalRequired = readApproval(ask);
  if (!approvalRequired.ok) return approvalRequired;
  const budgets = readBudgets(ask);
  if (!budgets.ok) return budgets;
  return ok({
    tier: tier.value,
    budgets: budgets.value,
    approvalRequired: approvalRequired.value,
  });
}

/** Takes the highest: a policy can raise the tier of the catalogue and never lower it. */
function readTier(ask: Ask): Result<ToolTier | undefined, RefusalReason> {
  const stated = termsOf(ask, 'tier', 1);
  if (!stated.ok) return stated;
  let highest: ToolTier | undefined;
  for (const [term] of stated.value) {
    const tier = TIERS.find((one) => term?.kind === 'integer' && Number(term.value) === one);
    if (tier === undefined) return refuse({ code: 'tier_invalid' });
    if (highest === undefined || tier > highest) highest = tier;
  }
  return ok(highest);
}

const TIERS: readonly ToolTier[] = [0, 1, 2, 3];

/**
 * A term that is not a boolean, such as `approval("yes")`, refuses the grant: if it were ignored,
 * no person would be asked. `approval(true)` takes precedence over `approval(false)`.
 */
function readApproval(ask: Ask): Result<boolean, RefusalReason> {
  const stated = termsOf(ask, 'approval', 1);
  if (!stated.ok) return stated;
  const terms = stated.value.map(([term]) => term);
  if (terms.some((term) => term?.kind !== 'bool')) return refuse({ code: 'approval_invalid' });
  return ok(terms.some((term) => term?.value === true));
}

/** Takes the smallest bound of each kind. */
function readBudgets(ask: Ask): Result<Budgets, RefusalReason> {
  const found: Budgets[] = [];
  for (const [name, toBudgets] of Object.entries(BUDGETS)) {
    const stated = termsOf(ask, name, BOUND_FACTS[name] ?? 1);
    if (!stated.ok) return stated;
    for (const terms of stated.value) {
      const budgets = parseBudgets(toBudgets(terms.map(plain)));
      if (!budgets.ok) return refuse({ code: 'budget_invalid', fact: name });
      found.push(budgets.value);
    }
  }
  const smallest = parseBudgets(smallestBudgets(found));
  // Each is valid alone, so there are too many of them.
  return smallest.ok ? smallest : refuse({ code: 'budget_invalid', fact: smallest.error.where });
}

/** A string or an exact number. A budget has no other terms. */
const plain = (term: Term): unknown =>
  term.kind === 'string' || term.kind === 'integer' ? term.value : undefined;

/** Returns the terms of every fact of this name. */
export function termsOf(
  ask: Ask,
  name: string,
  count: number,
): Result<readonly (readonly Term[])[], RefusalReason> {
  const terms = Array.from({ length: count }, (_, i) => variable(`t${i}`));
  const predicate = { name, terms };
  const rule: Rule = { head: predicate, body: [predicate], expressions: [], scopes: [] };
  const facts = ask(rule);
  return facts.ok ? ok(facts.value.map(({ terms: stated }) => stated)) : facts;
}
