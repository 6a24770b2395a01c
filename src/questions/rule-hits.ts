import type { Policy, PolicyRule } from '../policy/index.ts';
import { decideInOrder } from './outcome.ts';
import { inputOf } from './policy-input.ts';
import type { Names } from './principal.ts';
import type { Hits, SeenRequest, SeenRequests } from './seen.ts';

/** A statement of a policy that decides, with what it decided. */
export interface RuleHits {
  readonly rule: PolicyRule;
  readonly hits: Hits | undefined;
}

/** The grants that were refused for a reason that no statement stands for. */
export interface RefusalHits {
  readonly code: string;
  readonly hits: Hits;
}

/** Grants that one answer decides again: about two seconds of computing. */
const GRANTS_MAX = 2_000;

/**
 * Returns the hits of each statement. A mint names the rules behind its grants. The statement
 * behind a refusal is in no record: the policy decides the request again, and a grant that it would
 * give now is left out.
 */
export function ruleHits(
  policy: Policy,
  seen: SeenRequests,
  names: Names,
): {
  readonly rules: readonly RuleHits[];
  readonly refusals: readonly RefusalHits[];
  /** False if only the newest refusals were decided again. */
  readonly isComplete: boolean;
} {
  const byPlace = new Map<string, Hits>();
  const byCode = new Map<string, Hits>();
  let left = GRANTS_MAX;
  for (const request of seen.requests()) {
    if (request.outcomes.every(({ verdict }) => verdict === 'granted')) continue;
    left -= request.outcomes.length;
    if (left < 0) break;
    const input = inputOf(request, names);
    if (!input) continue;
    const { outcomes } = decideInOrder(policy, input);
    for (const [index, { verdict, rule }] of outcomes.entries()) {
      if (request.outcomes[index]?.verdict === 'granted' || verdict === 'granted') continue;
      if (rule === undefined) addHits(byCode, verdict, request);
      else addHits(byPlace, rule, request);
    }
  }
  const rules = policy.rules.map((rule): RuleHits => {
    const hits =
      rule.kind === 'allow'
        ? seen.hitsOf(rule.rule)
        : byPlace.get(`${rule.at.file}:${rule.at.line}`);
    return { rule, hits };
  });
  const refusals = [...byCode].map(([code, hits]) => ({ code, hits }));
  refusals.sort((a, b) => b.hits.total - a.hits.total);
  return { rules, refusals, isComplete: left >= 0 };
}

function addHits(to: Map<string, Hits>, key: string, request: SeenRequest): void {
  const { count, at, workflow, hours } = request;
  const known = to.get(key);
  const sum = new Map(known?.hours);
  for (const [hour, n] of hours) sum.set(hour, (sum.get(hour) ?? 0) + n);
  const isNewer = known === undefined || at >= known.last;
  const newest = isNewer ? workflow : known.workflow;
  to.set(key, {
    total: (known?.total ?? 0) + count,
    last: Math.max(known?.last ?? 0, at),
    ...(newest !== undefined && { workflow: newest }),
    hours: sum,
  });
}
