import { type Fact, type Rule, type Term, variable } from '../biscuit/index.ts';
import { type Budgets, parseBudgets, smallestBudgets } from '../capability/index.ts';
import type { ToolTier } from '../catalogue/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { RefusalReason } from './policy.ts';

/** What a policy says of a permitted grant beside its owner and lifetime. */
export interface Bounds {
  /** The highest that the policy states; undefined where it states none. */
  readonly tier: ToolTier | undefined;
  readonly budgets: Budgets;
  readonly approvalRequired: boolean;
}

/** Each by the terms that its fact has; the last one is the bound. */
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

/** The facts of a permitted grant's world that a rule finds. */
export type Ask = (rule: Rule) => Result<readonly Fact[], RefusalReason>;

/**
 * Reads them from the world of a permitted grant. What is stated and cannot be read refuses the
 * grant: a bound that is skipped is one that its author believes in.
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

/** Of several the highest: a policy raises what the catalogue says, and never lowers it. */
function readTier(ask: Ask): Result<ToolTier | undefined, RefusalReason> {
  const stated = stating(ask, 'tier', 1);
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
 * `approval("yes")` is neither: read as nothing said, it would open what its author meant to keep
 * for a person. Beside `approval(false)`, `approval(true)` stands.
 */
function readApproval(ask: Ask): Result<boolean, RefusalReason> {
  const stated = stating(ask, 'approval', 1);
  if (!stated.ok) return stated;
  const terms = stated.value.map(([term]) => term);
  if (terms.some((term) => term?.kind !== 'bool')) return refuse({ code: 'approval_invalid' });
  return ok(terms.some((term) => term?.value === true));
}

/** Of several of a kind the smallest. */
function readBudgets(ask: Ask): Result<Budgets, RefusalReason> {
  const found: Budgets[] = [];
  for (const [name, toBudgets] of Object.entries(BUDGETS)) {
    const stated = stating(ask, name, BOUND_FACTS[name] ?? 1);
    if (!stated.ok) return stated;
    for (const terms of stated.value) {
      const budgets = parseBudgets(toBudgets(terms.map(plain)));
      if (!budgets.ok) return refuse({ code: 'budget_invalid', fact: name });
      found.push(budgets.value);
    }
  }
  const smallest = parseBudgets(smallestBudgets(found));
  // Each by itself was fine, so there are too many of them.
  return smallest.ok ? smallest : refuse({ code: 'budget_invalid', fact: smallest.error.where });
}

/** A text or an exact number; anything else is no part of a budget. */
const plain = (term: Term): unknown =>
  term.kind === 'string' || term.kind === 'integer' ? term.value : undefined;

/** The terms of every fact of that name. */
export function stating(
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
