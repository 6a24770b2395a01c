import { createHash } from 'node:crypto';
import { type ApprovalQuestion, questionText } from '../../../src/approval/index.ts';
import type { MintRecord } from '../../../src/audit/index.ts';
import {
  type Authority,
  type AuthorityBlock,
  type Budgets,
  type Grant,
  writeAuthority,
  writeScope,
} from '../../../src/capability/index.ts';
import { toMilliseconds, toSeconds, type UnixSeconds } from '../../../src/clock.ts';
import { CAPABILITY_SECONDS_MAX, WORKFLOW_SECONDS_MAX } from '../../../src/limits.ts';
import type { PolicyDecision } from '../../../src/policy/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { GivenApproval } from '../approval/ask.ts';
import type { WorkflowStart } from '../workflow/binding.ts';
import { shardOfWorkflow } from '../workflow/id.ts';
import type { MintInput } from './load.ts';
import type { DecisionRefusal } from './refusals/index.ts';
import { describeRefused } from './refused-grants.ts';

/** A capability that is decided but not signed: plain data. */
export interface MintPlan {
  readonly facts: Authority;
  /** The authority block to sign: the facts, the constraints and the expiry. */
  readonly authority: AuthorityBlock;
  /** The audit record and the workflow's mint; both lack the revocation id of the signed block. */
  readonly record: Omit<MintRecord, 'id' | 'blocks'>;
  readonly start: Omit<WorkflowStart, 'blocks'>;
  /** Whether `start` is a further mint of a workflow that has already begun. */
  readonly continues: boolean;
  /** It repeats the last mint of its workflow in everything but the time. */
  readonly isRenewal: boolean;
  readonly stepUp?: true | undefined;
  /** The granted scope, if it differs from the requested one. */
  readonly scope?: string;
  /** The grants that the policy refused, each with the rule, if there are any. */
  readonly refused?: string;
}

/** What the policy grants, and to whom. */
export interface Terms {
  readonly decision: PolicyDecision;
  readonly attribution: Pick<Authority, 'workflow' | 'agent' | 'subject' | 'owner' | 'task'>;
  readonly binding: { readonly holder?: string };
  readonly grants: readonly Grant[];
}

/** Plans the capability. Its lifetime is the smallest of everything that bounds it. */
export function planMint(input: MintInput, terms: Terms): Result<MintPlan, DecisionRefusal> {
  const { request, parent, current } = input;
  const { decision, attribution, binding, grants } = terms;
  const { tier, budgets } = decision;
  const { audience } = request;
  const now = toSeconds(input.now);
  const ends = endOf(input, budgets, now);
  const seconds = lifetimeOf(decision, input, ends - now, now);
  if (seconds < 1) return refuse({ code: 'lifetime_exhausted' });
  const expires = now + seconds;
  const gen = current?.gen ?? 1;
  const shard = shardOfWorkflow(attribution.workflow);
  const facts: Authority = {
    ...attribution,
    issuer: input.issuer,
    audience,
    gen,
    grants,
    ancestors: ancestorsOf(input),
    ...(shard !== 0 && { shard }),
    ...binding,
    catalogue: input.version.catalogueHash,
    ...(input.prompt && { prompt: input.prompt.digest }),
    issuedAt: new Date(toMilliseconds(now)),
  };
  const authority = writeAuthority(facts, new Date(toMilliseconds(expires)));
  // The request's names were checked when it was read; what fails here is the text of an identity.
  if (!authority.ok) return refuse({ code: 'policy_refused', cause: authority.error.code });
  const { workflow: id, ...parties } = attribution;
  const record = recordOf(input, terms, expires);
  const mintDigest = digestOf(record, gen);
  return ok({
    facts,
    authority: authority.value,
    continues: request.workflow !== undefined,
    isRenewal: request.workflow !== undefined && current?.mintDigest === mintDigest,
    stepUp: request.stepUp,
    ...differingScope(request.scope, grants),
    ...(decision.refused.length > 0 && { refused: describeRefused(decision.refused) }),
    record,
    start: {
      id,
      ...parties,
      gen,
      audience,
      grants,
      startedAt: now,
      expires,
      ends,
      tier,
      budgets,
      ...binding,
      ...(parent && { parent: parent.view.id, asked: request.budgets ?? {} }),
      ...(request.renewWithin !== undefined && { renewWithin: request.renewWithin }),
      ...(request.prompt !== undefined && input.prompt && { prompt: input.prompt }),
      mintDigest,
    },
  });
}

/** Returns what the mint record says, without what is known only once the block is signed. */
function recordOf(
  { now: at, request, version, user, deniedTools }: MintInput,
  { decision, attribution, binding, grants }: Terms,
  expires: UnixSeconds,
): MintPlan['record'] {
  const { tier, budgets } = decision;
  return {
    event: 'mint',
    at,
    ...attribution,
    audience: request.audience,
    grants,
    tier,
    budgets,
    expires,
    version: version.id,
    ...binding,
    ...(user?.actors && { actors: user.actors }),
    ...(request.stepUp && { stepUp: true }),
    rules: decision.granted.map(({ rule }) => rule),
    ...openSinks(decision),
    refused: [
      ...decision.refused.map(({ grant, code }) => ({ ...grant, code })),
      ...request.grants
        .filter(({ tool }) => deniedTools.includes(tool))
        .map((grant) => ({ ...grant, code: 'denied_by_operator' })),
    ],
  };
}

/** Returns the plan as a person approved it: recorded, and no longer valid than they said. */
export function approvePlan(
  plan: MintPlan,
  question: ApprovalQuestion,
  { question: answered, ...approval }: GivenApproval,
): Result<MintPlan, DecisionRefusal> {
  // The digest was compared when the approval was used; this holds even if that comparison breaks.
  if (answered !== questionText(question)) throw new Error('the approval answers another question');
  const expires = Math.min(plan.start.expires, approval.until);
  if (expires - plan.start.startedAt < 1) return refuse({ code: 'lifetime_exhausted' });
  const authority = writeAuthority(plan.facts, new Date(toMilliseconds(expires)));
  if (!authority.ok) throw new Error(`a shorter lifetime is invalid: ${authority.error.code}`);
  const record = { ...plan.record, expires, approval };
  return ok({
    ...plan,
    authority: authority.value,
    isRenewal: false,
    record,
    start: { ...plan.start, expires, mintDigest: digestOf(record, plan.start.gen) },
  });
}

/** Returns a digest in which every change shows that the policy or a person has made. */
function digestOf({ at: _, expires: __, ...said }: MintPlan['record'], gen: number): string {
  return createHash('sha256')
    .update(JSON.stringify([gen, said]))
    .digest('base64url');
}

/** Returns the ancestors of the workflow, root first. */
const ancestorsOf = ({ parent, current }: MintInput): readonly string[] =>
  parent ? [...parent.view.ancestors, parent.view.id] : (current?.ancestors ?? []);

/** Returns the end of the workflow, which no later mint moves and no child outlives. */
function endOf(
  { parent, current }: MintInput,
  { wallSeconds }: Budgets,
  now: UnixSeconds,
): UnixSeconds {
  if (current) return current.ends;
  const longest = parent ? parent.view.ends - now : WORKFLOW_SECONDS_MAX;
  return now + Math.min(longest, wallSeconds ?? longest);
}

/**
 * Returns the lifetime of the capability in seconds. It ends no later than a workflow that is not
 * renewed, so that the end of such a workflow needs no entry of the feed.
 */
function lifetimeOf(
  { lifetimeSeconds }: PolicyDecision,
  { user, workload, request, current }: MintInput,
  workflowSeconds: number,
  now: UnixSeconds,
): number {
  const renewWithin = current ? current.renewWithin : request.renewWithin;
  const identitySeconds = [user?.expires, workload.expires].flatMap((expires) =>
    expires ? [toSeconds(expires.getTime()) - now] : [],
  );
  return Math.min(
    lifetimeSeconds,
    workflowSeconds,
    CAPABILITY_SECONDS_MAX,
    ...[request.lifetimeSeconds, renewWithin].flatMap((seconds) => seconds ?? []),
    ...identitySeconds,
  );
}

/**
 * Returns the sinks that the grants leave open, so that neither the approver nor a reader of the
 * record has to work them out from the policy.
 */
export function openSinks({ granted }: PolicyDecision): Pick<MintRecord, 'openSinks'> {
  const open = granted.flatMap(({ grant: { tool }, openSinks: sinks }) =>
    sinks.map((sink) => ({ tool, ...sink })),
  );
  return open.length === 0 ? {} : { openSinks: open };
}

/**
 * Returns the granted scope if it differs from the requested one (RFC 6749 section 5.1). A grant
 * with constraints has no short form; the answer's details contain it.
 */
function differingScope(requested: string | undefined, grants: readonly Grant[]) {
  const scope = writeScope(grants);
  return requested === undefined || requested === scope || scope === '' ? {} : { scope };
}
