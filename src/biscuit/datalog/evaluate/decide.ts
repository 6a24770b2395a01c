/**
 * The decision: checks of the authorizer, checks of the authority block, policies until one
 * matches, checks of the other blocks. Every check is evaluated even after one has failed, because
 * an error in any of them denies, and because the refusal lists all that failed.
 */
import { ok, type Result, refuse } from '../../../result.ts';
import type { BiscuitError, FailedCheck } from '../../errors.ts';
import type { Check, Policy, Query } from '../ast.ts';
import { printCheck } from '../print/index.ts';
import type { Origin } from './facts.ts';
import { matchesAll, matchesAny } from './join.ts';
import { AUTHORIZER, blockOrigin, trustedOrigins } from './scopes.ts';
import { deriveFacts, type EvaluationInput, loadWorld, type World } from './world.ts';

/** An allowed authorization. */
export type Authorization = {
  /** Index of the policy that allowed it. */
  readonly policyIndex: number;
  readonly world: World;
};

type CheckOrigin = 'authorizer' | number;

const ownOrigin = (origin: CheckOrigin): Origin =>
  origin === 'authorizer' ? AUTHORIZER : blockOrigin(origin);

function trustedBy(
  { run, externalKeys, defaults }: World,
  query: Query,
  origin: CheckOrigin,
): Origin {
  const fallback = defaults[origin === 'authorizer' ? defaults.length - 1 : origin] ?? 0;
  return trustedOrigins(run, query.scopes, ownOrigin(origin), fallback, externalKeys);
}

function holds(world: World, { kind, queries }: Check, origin: CheckOrigin): boolean {
  const { run, store } = world;
  const test = kind === 'all' ? matchesAll : matchesAny;
  const matched = queries.some((query) => test(run, store, query, trustedBy(world, query, origin)));
  // Only a forged token has a check without queries. Such a check fails, whatever its kind.
  return kind === 'reject' ? !matched && queries.length > 0 : matched;
}

function testChecks(
  world: World,
  checks: readonly Check[],
  origin: CheckOrigin,
  failed: FailedCheck[],
): void {
  for (const [checkId, check] of checks.entries()) {
    const isTrue = holds(world, check, origin);
    if (world.run.failure !== undefined) return;
    if (!isTrue) failed.push({ origin, checkId, rule: printCheck(check) });
  }
}

function firstMatch(world: World, policies: readonly Policy[]): number {
  const { run, store } = world;
  return policies.findIndex(({ queries }) =>
    queries.some(
      (query) =>
        run.failure === undefined &&
        matchesAny(run, store, query, trustedBy(world, query, 'authorizer')),
    ),
  );
}

/** Applies the rules and decides. The world can be queried afterwards, whatever the decision. */
export function decide(world: World): Result<Authorization, BiscuitError> {
  const { run, input } = world;
  const { blocks, authorizer } = input;
  const derived = deriveFacts(world);
  if (!derived.ok) return derived;
  const failed: FailedCheck[] = [];
  testChecks(world, authorizer.checks, 'authorizer', failed);
  let index = -1;
  for (let blockId = 0; blockId <= blocks.length && run.failure === undefined; blockId++) {
    // Policies come after the authority block and before the others, even without a token.
    if (blockId === Math.min(1, blocks.length)) index = firstMatch(world, authorizer.policies);
    const checks = blocks[blockId]?.block.checks ?? [];
    if (run.failure === undefined) testChecks(world, checks, blockId, failed);
  }
  if (run.failure !== undefined) return refuse(run.failure);
  const policy = authorizer.policies[index];
  if (policy === undefined) return refuse({ code: 'no_matching_policy', checks: failed });
  if (policy.kind === 'deny' || failed.length > 0)
    return refuse({ code: 'unauthorized', policy: { kind: policy.kind, index }, checks: failed });
  return ok({ policyIndex: index, world });
}

/** Loads, applies the rules and decides: everything for one request. */
export function evaluate(input: EvaluationInput): Result<Authorization, BiscuitError> {
  const world = loadWorld(input);
  return world.ok ? decide(world.value) : world;
}
