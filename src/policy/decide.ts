import { date, type Fact, fact, printFact, string } from '../biscuit/index.ts';
import { checkGrant, type Grant, smallestBudgets } from '../capability/index.ts';
import type { Catalogue, ToolTier } from '../catalogue/index.ts';
import { utf8 } from '../encoding.ts';
import { AUDIENCE_BYTES_MAX, GRANTS_MAX, IDENTITY_BYTES_MAX, TASK_BYTES_MAX } from '../limits.ts';
import { type Result, refuse } from '../result.ts';
import { evaluate, type LoadedRules, type Permission } from './evaluate.ts';
import { nearestRules } from './nearest.ts';
import type {
  GrantExplanation,
  PolicyDecision,
  PolicyInput,
  RefusalReason,
  RefusedGrant,
} from './policy.ts';

/**
 * Decides each requested grant by itself: the first policy that matches decides; without one it is
 * refused.
 */
export function decide(rules: LoadedRules, input: PolicyInput): PolicyDecision {
  const { requests } = input;
  const unfit = unfitInput(input);
  if (unfit) return refuseAll(requests, unfit);

  const permitted: { readonly grant: Grant; readonly permission: Permission }[] = [];
  const refused: RefusedGrant[] = [];
  for (const grant of requests) {
    const decided = decideGrant(rules, input, grant);
    if (decided.ok) permitted.push({ grant, permission: decided.value });
    else refused.push({ grant, ...decided.error });
  }
  const [owner, ...others] = new Set(permitted.map(({ permission }) => permission.owner));
  if (owner === undefined) return { ...NOTHING, refused };
  if (others.length > 0) {
    // One capability has one accountable owner; to choose one here would be to invent it.
    const grants = permitted.map(({ grant }) => grant);
    const unowned = refuseAll(grants, { code: 'owner_invalid' });
    return { ...unowned, refused: [...refused, ...unowned.refused] };
  }
  return {
    granted: permitted.map(({ grant, permission: { rule, at, approvalRequired } }) => ({
      ...{ grant, rule, at, approvalRequired },
    })),
    refused,
    owner,
    unattended: permitted.every(({ permission }) => permission.unattended),
    lifetimeSeconds: Math.min(...permitted.map(({ permission }) => permission.lifetimeSeconds)),
    holderRequired: permitted.some(({ permission }) => permission.holderRequired),
    tier: highestTier(
      permitted.map(({ grant, permission }) => tierOf(rules.catalogue, grant, permission.tier)),
    ),
    budgets: smallestBudgets(permitted.map(({ permission }) => permission.budgets)),
    approvalRequired: permitted.some(({ permission }) => permission.approvalRequired),
  };
}

/**
 * What the catalogue says of the tool, or more where the policy does. A tool that nobody has
 * classed counts as the worst.
 */
const tierOf = (catalogue: Catalogue, { tool }: Grant, stated: ToolTier = 0): ToolTier =>
  highestTier([catalogue.get(tool)?.tier ?? 3, stated]);

const highestTier = (tiers: readonly ToolTier[]): ToolTier => [...tiers].sort().at(-1) ?? 0;

const NOTHING: PolicyDecision = {
  ...{ granted: [], refused: [], unattended: false, lifetimeSeconds: 0, holderRequired: false },
  ...{ tier: 0, budgets: {}, approvalRequired: false },
};

const refuseAll = (grants: readonly Grant[], reason: RefusalReason): PolicyDecision => ({
  ...NOTHING,
  refused: grants.map((grant) => ({ grant, ...reason })),
});

/** Decides each grant as `decide` does, and says for a person how it came to that. */
export function explain(rules: LoadedRules, input: PolicyInput): readonly GrantExplanation[] {
  const { requests } = input;
  const unfit = unfitInput(input);
  return requests.map((grant): GrantExplanation => {
    const decided = unfit === undefined ? decideGrant(rules, input, grant) : refuse(unfit);
    if (unfit !== undefined || (!decided.ok && decided.error.code === 'grant_invalid')) {
      const reason = unfit ?? (decided.ok ? undefined : decided.error);
      if (reason === undefined) throw new Error('a grant is refused without a reason');
      return { grant, decided: { granted: false, reason }, facts: [], nearest: [] };
    }
    const stated = requestFacts(input, grant);
    const facts = stated.map(printFact);
    if (decided.ok) {
      const { rule, at, owner, approvalRequired } = decided.value;
      const by = { rule, at, owner, approvalRequired };
      return { grant, decided: { granted: true, ...by }, facts, nearest: [] };
    }
    const reason = decided.error;
    const nearest = reason.code === 'no_rule' ? nearestRules(rules, stated) : [];
    return { grant, decided: { granted: false, reason }, facts, nearest };
  });
}

function decideGrant(
  rules: LoadedRules,
  input: PolicyInput,
  grant: Grant,
): Result<Permission, RefusalReason> {
  const checked = checkGrant(grant);
  if (!checked.ok) return refuse({ code: 'grant_invalid', error: checked.error });
  const permitted = evaluate(rules, requestFacts(input, checked.value));
  if (!permitted.ok || input.user || permitted.value.unattended) return permitted;
  return refuse({ code: 'user_missing' });
}

/** Every value is a term and never text: a task named `x"); owner("me` is just a strange task. */
function requestFacts(input: PolicyInput, grant: Grant): readonly Fact[] {
  const { workload, user, task, audience, now } = input;
  const facts = [
    fact('workload', string(workload.issuerName), string(workload.subject)),
    fact('task', string(task)),
    fact('audience', string(audience)),
    fact('time', date(Math.floor(now.getTime() / 1000))),
    fact('tool', string(grant.tool)),
    fact('action', string(grant.action)),
    fact('dataset', string(grant.dataset)),
  ];
  if (user) facts.push(fact('user', string(user.issuerName), string(user.subject)));
  // The dataset and its parents by whole segments, so that a policy names a folder without a
  // prefix test, which would let `files/reports-archive` through for `files/reports`.
  const segments = grant.dataset.split('/');
  for (let depth = 1; depth <= segments.length; depth++) {
    facts.push(fact('under', string(segments.slice(0, depth).join('/'))));
  }
  return facts;
}

function unfitInput(input: PolicyInput): RefusalReason | undefined {
  const { workload, user, task, audience, now, requests } = input;
  if (requests.length > GRANTS_MAX) return { code: 'requests_count', count: requests.length };
  if (Number.isNaN(now.getTime())) return { code: 'input_invalid', field: 'now' };
  const texts: readonly (readonly [string, string, number])[] = [
    ['workload', workload.issuerName, IDENTITY_BYTES_MAX],
    ['workload', workload.subject, IDENTITY_BYTES_MAX],
    ['user', user?.issuerName ?? '-', IDENTITY_BYTES_MAX],
    ['user', user?.subject ?? '-', IDENTITY_BYTES_MAX],
    ['task', task, TASK_BYTES_MAX],
    ['audience', audience, AUDIENCE_BYTES_MAX],
  ];
  for (const [field, text, bytesMax] of texts) {
    if (!isFit(text, bytesMax)) return { code: 'input_invalid', field };
  }
  return undefined;
}

/** A lone surrogate has no UTF-8: written down, two subjects would become one. */
const isFit = (text: string, bytesMax: number): boolean =>
  text !== '' && text.isWellFormed() && utf8(text).length <= bytesMax;
