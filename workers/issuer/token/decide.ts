import { type ApprovalQuestion, findAdditions } from '../../../src/approval/index.ts';
import { coversGrant, type Grant, smallestBudgets } from '../../../src/capability/index.ts';
import { toMilliseconds, toSeconds } from '../../../src/clock.ts';
import type { PolicyDecision } from '../../../src/policy/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { DeniedRefusal } from '../feed/denial.ts';
import { checkContinuation, isWithinAbove } from '../workflow/continuation.ts';
import type { MintInput, Parent } from './load.ts';
import { type MintPlan, openSinks, planMint, type Terms } from './plan.ts';
import type { DecisionRefusal, ParentRefusal } from './refusals/index.ts';
import { describeRefused } from './refused-grants.ts';

/** What becomes of a proven request. */
export type Decision =
  | { readonly kind: 'mint'; readonly plan: MintPlan }
  /** A person must be asked; `plan` is what to mint if they approve. */
  | { readonly kind: 'ask'; readonly question: ApprovalQuestion; readonly plan: MintPlan }
  | { readonly kind: 'refuse'; readonly refusal: DecisionRefusal | DeniedRefusal };

/** Decides a request. Pure: signs nothing, reads no clock and asks no one. */
export function decide(input: MintInput): Decision {
  const terms = applyPolicy(input);
  if (!terms.ok) return { kind: 'refuse', refusal: terms.error };
  const allowed = checkWorkflows(input, terms.value);
  if (!allowed.ok) return { kind: 'refuse', refusal: allowed.error };
  const planned = planMint(input, terms.value);
  if (!planned.ok) return { kind: 'refuse', refusal: planned.error };
  const plan = planned.value;
  // A request that names an approval is checked against it even if the policy no longer requires
  // one: ignoring an `auth_req_id` would treat a wrong one as valid.
  const needsApproval =
    terms.value.decision.approvalRequired || input.request.approval !== undefined;
  return needsApproval
    ? { kind: 'ask', question: questionOf(input, terms.value), plan }
    : { kind: 'mint', plan };
}

/** Applies the policy to the requested grants, without those of tools that an operator denies. */
function applyPolicy(input: MintInput): Result<Terms, DecisionRefusal | DeniedRefusal> {
  const { request, user, workload, workflow, holder, deniedTools } = input;
  const { audience, task } = request;
  const requests = request.grants.filter(({ tool }) => !deniedTools.includes(tool));
  if (requests.length === 0) return refuse({ code: 'denied_by_operator', cause: 'tool' });
  const decided = input.policy.decide({
    workload,
    task,
    audience,
    now: new Date(toMilliseconds(toSeconds(input.now))),
    requests,
    ...(user && { user }),
    ...((request.stepUp || input.current?.steppedUp) && { stepUp: true }),
  });
  // A child's request for a share of the budgets bounds it just as the policy does.
  const budgets = smallestBudgets([decided.budgets, request.budgets ?? {}]);
  const decision = { ...decided, budgets };
  const { owner } = decision;
  if (decision.granted.length === 0 || owner === undefined) {
    const cause = decision.refused[0]?.code ?? 'no_owner';
    return refuse({ code: 'policy_refused', cause, reasons: describeRefused(decision.refused) });
  }
  if (decision.holderRequired && holder === undefined) return refuse({ code: 'holder_required' });
  // Without a user, the workflow runs on behalf of its owner.
  const subject = user?.qualified ?? owner;
  return ok({
    decision,
    attribution: { workflow, agent: workload.qualified, subject, owner, task },
    binding: holder === undefined ? {} : { holder },
    grants: decision.granted.map(({ grant }) => grant),
  });
}

/** Checks the request against the workflow that it continues, and against those above it. */
function checkWorkflows(
  { request, current, grantsAbove, parent }: MintInput,
  { attribution, binding, grants }: Terms,
): Result<null, DecisionRefusal> {
  const { audience, stepUp } = request;
  if (request.workflow !== undefined) {
    const continued = checkContinuation(current, {
      ...attribution,
      ...binding,
      audience,
      grants: request.grants,
      stepUp,
    });
    if (!continued.ok) return continued;
  }
  if (!isWithinAbove(grantsAbove, grants)) return refuse({ code: 'parent_exceeded' });
  const { subject } = attribution;
  return parent ? checkChild(parent, { subject, audience, grants }) : ok(null);
}

/** Checks that a child acts for the same subject at the same server, with no more grants. */
function checkChild(
  parent: Parent,
  child: {
    readonly subject: string;
    readonly audience: string;
    readonly grants: readonly Grant[];
  },
): Result<null, ParentRefusal> {
  for (const cause of ['subject', 'audience'] as const) {
    if (parent.view[cause] !== child[cause]) return refuse({ code: 'parent_refused', cause });
  }
  const isWithin = child.grants.every((grant) => coversGrant(parent.grants, grant));
  return isWithin ? ok(null) : refuse({ code: 'parent_exceeded' });
}

/** Returns everything that decides what is minted, except the time and the id of a new workflow. */
function questionOf({ request, current, prompt }: MintInput, terms: Terms): ApprovalQuestion {
  const { grants, binding, decision } = terms;
  const { granted, lifetimeSeconds, tier, budgets }: PolicyDecision = decision;
  const { workflow: _, ...attribution } = terms.attribution;
  const { workflow, stepUp, audience } = request;
  return {
    ...attribution,
    ...binding,
    audience,
    ...(workflow !== undefined && { workflow }),
    ...(prompt && { prompt: prompt.text }),
    ...(stepUp && { stepUp, adds: findAdditions(current?.grants ?? [], grants) }),
    grants,
    rules: [...new Set(granted.map(({ rule }) => rule))],
    lifetimeSeconds,
    tier,
    budgets,
    ...openSinks(decision),
  };
}
