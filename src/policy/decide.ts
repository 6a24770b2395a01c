import {
  checkGrant,
  constraintsText,
  type Grant,
  isGrantCount,
  smallestBudgets,
} from '../capability/index.ts';
import type { Catalogue, ToolTier } from '../catalogue/index.ts';
import { utf8 } from '../encoding.ts';
import { AUDIENCE_BYTES_MAX, IDENTITY_BYTES_MAX, TASK_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { areClaimsWithinBounds } from './claims.ts';
import { evaluate, type LoadedRules, type Permission } from './evaluate.ts';
import type {
  GrantedGrant,
  PolicyDecision,
  PolicyInput,
  RefusalReason,
  RefusedGrant,
} from './policy.ts';
import { checkJoined, prepareGrant } from './prepared-grant.ts';
import { readConstraints } from './requirements.ts';
import { allowOpenSinks } from './sinks.ts';

/**
 * Decides each requested grant on its own: a matching `deny if` refuses it, otherwise a matching
 * `allow if` permits it. Then checks what all granted grants must share, such as the owner.
 */
export function decide(rules: LoadedRules, input: PolicyInput): PolicyDecision {
  const { requests } = input;
  const invalid = validateInput(input);
  if (invalid) return refuseAll(requests, invalid);

  const permitted: Permitted[] = [];
  const refused: RefusedGrant[] = [];
  for (const grant of requests) {
    const decided = decideGrant(rules, input, grant);
    if (decided.ok) permitted.push(decided.value);
    else refused.push({ grant, ...decided.error });
  }
  const [agreeing, conflicting] = separateConflicts(permitted);
  refused.push(...conflicting);
  const [owner, ...others] = new Set(agreeing.map(({ permission }) => permission.owner));
  if (owner === undefined) return { ...NOTHING, refused };
  if (others.length > 0) {
    // A capability has one accountable owner, and choosing one here would be arbitrary.
    const grants = agreeing.map(({ given }) => given.requested);
    const unowned = refuseAll(grants, { code: 'owner_invalid' });
    return { ...unowned, refused: [...refused, ...unowned.refused] };
  }
  const permissions = agreeing.map(({ permission }) => permission);
  return {
    granted: agreeing.map(({ given }) => given),
    refused,
    owner,
    unattended: permissions.every(({ unattended }) => unattended),
    lifetimeSeconds: Math.min(...permissions.map(({ lifetimeSeconds }) => lifetimeSeconds)),
    holderRequired: permissions.some(({ holderRequired }) => holderRequired),
    tier: highestTier(
      agreeing.map(({ given, permission }) =>
        tierOf(rules.catalogue, given.grant, permission.tier),
      ),
    ),
    budgets: smallestBudgets(permissions.map(({ budgets }) => budgets)),
    approvalRequired: permissions.some(({ approvalRequired }) => approvalRequired),
  };
}

/** A grant that would be granted, and the rest of what the policy states for it. */
interface Permitted {
  readonly given: GrantedGrant;
  readonly permission: Permission;
}

/**
 * Refuses grants of one tool with different constraints. The checks of a token name the tool and
 * not the grant, so the token would only allow calls that meet both, which no one requested.
 */
function separateConflicts(
  permitted: readonly Permitted[],
): readonly [readonly Permitted[], readonly RefusedGrant[]] {
  const isAlone = ({ given }: Permitted) =>
    permitted.every(
      (other) =>
        other.given.grant.tool !== given.grant.tool ||
        constraintsText(other.given.grant.constraints) === constraintsText(given.grant.constraints),
    );
  const refused = permitted
    .filter((one) => !isAlone(one))
    .map(({ given: { requested: grant } }): RefusedGrant => {
      return { grant, code: 'constraints_conflict', tool: grant.tool };
    });
  return [permitted.filter(isAlone), refused];
}

/**
 * The tier of the catalogue, or a higher one that the policy states. An unlisted tool is tier 3.
 */
const tierOf = (catalogue: Catalogue, { tool }: Grant, stated: ToolTier = 0): ToolTier =>
  highestTier([catalogue.get(tool)?.tier ?? 3, stated]);

const highestTier = (tiers: readonly ToolTier[]): ToolTier => [...tiers].sort().at(-1) ?? 0;

const NOTHING: PolicyDecision = {
  granted: [],
  refused: [],
  unattended: false,
  lifetimeSeconds: 0,
  holderRequired: false,
  tier: 0,
  budgets: {},
  approvalRequired: false,
};

const refuseAll = (grants: readonly Grant[], reason: RefusalReason): PolicyDecision => ({
  ...NOTHING,
  refused: grants.map((grant) => ({ grant, ...reason })),
});

function decideGrant(
  rules: LoadedRules,
  input: PolicyInput,
  requested: Grant,
): Result<Permitted, RefusalReason> {
  const { catalogue } = rules;
  const read = readGrant(catalogue, requested);
  if (!read.ok) return read;
  const prepared = prepareGrant(rules, input, read.value);
  const permitted = evaluate(rules, prepared.facts);
  if (!permitted.ok) return permitted;
  const permission = permitted.value;
  if (!input.user && !permission.unattended) return refuse({ code: 'user_missing' });
  const grant = prepared.given;
  if (!grant.ok) return grant;
  const joined = checkJoined(prepared, permission);
  if (!joined.ok) return joined;
  const { rule, at, approvalRequired } = permission;
  const openSinks = allowOpenSinks(prepared.bounds, permission.opened, approvalRequired);
  if (!openSinks.ok) return openSinks;
  const given: GrantedGrant = {
    grant: grant.value,
    requested,
    rule,
    at,
    approvalRequired,
    openSinks: openSinks.value,
  };
  return ok({ given, permission });
}

/** Checks the names and constraints of a requested grant. */
export function readGrant(catalogue: Catalogue, grant: Grant): Result<Grant, RefusalReason> {
  const checked = checkGrant(grant);
  if (!checked.ok) return refuse({ code: 'grant_invalid', error: checked.error });
  const { constraints } = grant;
  return readConstraints(catalogue, {
    ...checked.value,
    ...(constraints !== undefined && { constraints }),
  });
}

/** Returns why the input cannot be decided. Undefined if it can. */
export function validateInput(input: PolicyInput): RefusalReason | undefined {
  const { workload, user, task, audience, now, requests } = input;
  if (requests.length > 0 && !isGrantCount(requests))
    return { code: 'requests_count', count: requests.length };
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
    if (!isText(text, bytesMax)) return { code: 'input_invalid', field };
  }
  if (!areClaimsWithinBounds(workload.claims))
    return { code: 'input_invalid', field: 'workload_claim' };
  if (!areClaimsWithinBounds(user?.claims)) return { code: 'input_invalid', field: 'user_claim' };
  return undefined;
}

/** A lone surrogate has no UTF-8: in a log, two different subjects would become one. */
const isText = (text: string, bytesMax: number): boolean =>
  text !== '' && text.isWellFormed() && utf8(text).length <= bytesMax;
