/** Queries a world with a rule; the derived heads are the result. A query decides nothing. */
import { ok, type Result, refuse } from '../../../result.ts';
import type { BiscuitError } from '../../errors.ts';
import type { Fact, Rule } from '../ast.ts';
import { printRule } from '../print/index.ts';
import { headIsBound } from '../rule.ts';
import { type Origin, spendKey } from './facts.ts';
import { findCombinations, passes } from './join.ts';
import { fail, startRun } from './run.ts';
import { AUTHORITY, AUTHORIZER, blockOrigin, trustedOrigins } from './scopes.ts';
import { deriveFacts, instantiate, type World } from './world.ts';

/**
 * Sees the facts of the authorizer and the authority block, or of the scopes that the rule names.
 */
export const query = (world: World, rule: Rule): Result<readonly Fact[], BiscuitError> =>
  find(world, rule, AUTHORITY);

/** Sees the facts of every block, including untrusted ones, unless the rule names scopes. */
export const queryAll = (world: World, rule: Rule): Result<readonly Fact[], BiscuitError> =>
  find(world, rule, blockOrigin(world.externalKeys.length) - 1);

function find(world: World, rule: Rule, fallback: Origin): Result<readonly Fact[], BiscuitError> {
  const derived = deriveFacts(world);
  if (!derived.ok) return derived;
  // A query has its own limits, independent of what the decision spent or refused.
  const run = startRun(world.run.limits, world.run.externs, world.run.regex);
  if (!headIsBound(rule))
    fail(run, { code: 'rule_unbound', blockId: 'authorizer', rule: printRule(rule) });
  const trusted = trustedOrigins(run, rule.scopes, AUTHORIZER, fallback, world.externalKeys);
  const found = new Map<string, Fact>();
  if (run.failure === undefined)
    findCombinations(run, world.store, rule.body, trusted, (_, bindings) => {
      if (!passes(run, rule, bindings)) return false;
      const fact = instantiate(rule, bindings);
      const key = spendKey(run, fact.terms);
      if (key !== undefined && !found.has(key)) found.set(key, fact);
      return false;
    });
  return run.failure === undefined ? ok([...found.values()]) : refuse(run.failure);
}
