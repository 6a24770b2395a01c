import { type ApprovalQuestion, additions, questionText } from '../../../src/approval/index.ts';
import type { MintApproval, MintRecord, RefusalRecord } from '../../../src/audit/index.ts';
import { mint } from '../../../src/biscuit-wasm/index.ts';

import {
  type Budgets,
  type Grant,
  smallestBudgets,
  writeAuthority,
  writeScope,
} from '../../../src/capability/index.ts';
import type { Identity } from '../../../src/identity/index.ts';
import { CAPABILITY_SECONDS_MAX, WORKFLOW_SECONDS_MAX } from '../../../src/limits.ts';

import type { Policy, PolicyDecision } from '../../../src/policy/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { GivenApproval } from '../approval/require.ts';
import type { IssuerConfig } from '../platform/config.ts';
import type { GrantsAbove, WorkflowStart, WorkflowView } from '../workflow/binding.ts';
import { checkContinuation, isWithinAbove } from '../workflow/continuation.ts';
import { shardOfWorkflow } from '../workflow/id.ts';
import { checkChild, type Parent } from './child.ts';
import type { Who } from './parties.ts';
import type { TokenRefusal } from './refusal.ts';
import type { TokenRequest } from './request.ts';

/** A capability that is signed but not yet handed out, and what must be written before it is. */
export interface Mint {
  readonly token: string;
  readonly record: MintRecord;
  readonly start: WorkflowStart;
  /** Whether the workflow has begun before, and `start` is a further mint of it. */
  readonly continues: boolean;
  readonly stepUp?: true | undefined;
  /** What was granted as a scope, where it differs from the scope that was asked for. */
  readonly scope?: string;
}

export interface MintInput {
  readonly config: IssuerConfig;
  readonly policy: Policy;
  readonly request: TokenRequest;
  /** Absent where the agent acts on nobody's behalf. */
  readonly user?: Identity;
  readonly workload: Identity;
  /** Thumbprint of the key that the agent has proven to hold; absent: it has proven none. */
  readonly holder?: string;
  /** The workflow's id: a fresh one, or that of the workflow which is continued. */
  readonly workflow: string;
  /** The workflow that the request continues, as far as there is one. */
  readonly held?: WorkflowView | undefined;
  /** What each workflow above the one that is continued was granted. */
  readonly above: GrantsAbove;
  /** The workflow that a child is begun below. */
  readonly parent?: Parent | undefined;
  /** Tools that an operator denies: they are left out, and the rest is decided. */
  readonly denied?: readonly string[];
  /** What a person approved; absent: nobody was asked yet. */
  readonly approval?: GivenApproval;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Everything else is well, and a person is to be asked this. */
export interface ApprovalRequired {
  readonly code: 'approval_required';
  readonly question: ApprovalQuestion;
}

/** Decides and signs; pure but for the signature. Lifetime is the smallest of all that bound it. */
export function mintCapability(input: MintInput): Result<Mint, TokenRefusal | ApprovalRequired> {
  const { config, policy, request, user, workload, workflow, approval } = input;
  const now = Math.floor(input.now / 1000);
  const { audience, task } = request;
  const isDenied = ({ tool }: Grant): boolean => input.denied?.includes(tool) === true;
  const requests = request.grants.filter((grant) => !isDenied(grant));
  if (requests.length === 0) return refuse({ code: 'denied_by_operator', cause: 'tool' });
  const decided = policy.decide({
    workload,
    task,
    audience,
    now: new Date(now * 1000),
    requests,
    ...(user && { user }),
    ...((request.stepUp || input.held?.steppedUp) && { stepUp: true }),
  });
  // What a child wants for itself bounds it as what the policy says.
  const budgets = smallestBudgets([decided.budgets, request.budgets ?? {}]);
  const decision = { ...decided, budgets };
  const { owner, holderRequired, tier } = decision;
  if (decision.granted.length === 0 || owner === undefined) {
    return refuse({ code: 'policy_refused', cause: decision.refused[0]?.code ?? 'no_owner' });
  }
  if (holderRequired && input.holder === undefined) return refuse({ code: 'holder_required' });
  const bound = input.holder === undefined ? {} : { holder: input.holder };
  // Without a user the workflow runs for whoever answers for it.
  const subject = user?.qualified ?? owner;
  const who = { workflow, agent: workload.qualified, subject, owner, task };
  if (request.workflow !== undefined) {
    const { grants, stepUp } = request;
    const continued = checkContinuation(input.held, { ...who, ...bound, audience, grants, stepUp });
    if (!continued.ok) return continued;
  }
  const grants: readonly Grant[] = decision.granted.map(({ grant }) => grant);
  if (!isWithinAbove(input.above, grants)) return refuse({ code: 'parent_exceeded' });
  const { parent } = input;
  const child = parent ? checkChild(parent, { subject, audience, grants }) : ok(null);
  if (!child.ok) return child;
  const ends = endOf(input, budgets, now);
  const seconds = lifetimeOf(decision, input, ends - now, now);
  if (seconds < 1) return refuse({ code: 'lifetime_exhausted' });

  const gen = input.held?.gen ?? 1;
  const shard = shardOfWorkflow(workflow);
  const authority = writeAuthority(
    {
      ...who,
      issuer: config.issuer,
      audience,
      gen,
      grants,
      ancestors: ancestorsOf(input),
      ...(shard !== 0 && { shard }),
      ...bound,
      issuedAt: new Date(now * 1000),
    },
    new Date((now + seconds) * 1000),
  );
  // The request's names were checked when it was read: what fails here is an identity's own text.
  if (!authority.ok) return refuse({ code: 'policy_refused', cause: authority.error.code });
  // An id that is sent is meant: also where the policy has come to ask nobody.
  if (decision.approvalRequired || request.approval !== undefined) {
    const { workflow: _, ...asker } = who;
    const { held } = input;
    const question = questionOf(decision, { ...asker, ...bound, audience }, request, held);
    if (approval?.question !== questionText(question)) {
      return refuse({ code: 'approval_required', question });
    }
  }
  const { token, revocationId } = mint(authority.value, config.mintKey, config.mintKeyId);
  const blocks = [revocationId];
  const expires = now + seconds;
  return ok({
    token,
    continues: request.workflow !== undefined,
    stepUp: request.stepUp,
    ...differingScope(request.scope, grants),
    record: {
      event: 'mint',
      id: mintId(workflow, revocationId),
      at: input.now,
      ...who,
      blocks,
      audience,
      grants,
      tier,
      budgets,
      expires,
      ...bound,
      ...(user?.actors && { actors: user.actors }),
      ...(request.stepUp && { stepUp: true }),
      ...(approval && { approval: recorded(approval) }),
      rules: decision.granted.map(({ rule }) => rule),
      ...openSinks(decision),
      refused: [
        ...decision.refused.map(({ grant, code }) => ({ ...grant, code })),
        ...request.grants
          .filter(isDenied)
          .map((grant) => ({ ...grant, code: 'denied_by_operator' })),
      ],
    },
    start: {
      id: workflow,
      agent: who.agent,
      subject: who.subject,
      owner,
      task,
      gen,
      audience,
      grants,
      startedAt: now,
      expires,
      ends,
      blocks,
      tier,
      budgets,
      ...bound,
      ...(parent && { parent: parent.view.id, asked: request.budgets ?? {} }),
    },
  });
}

/** Root first. */
const ancestorsOf = ({ parent, held }: MintInput): readonly string[] =>
  parent ? [...parent.view.ancestors, parent.view.id] : (held?.ancestors ?? []);

/** Unix seconds: the end of the workflow, which no later mint moves and no child outlives. */
function endOf({ parent, held }: MintInput, { wallSeconds }: Budgets, now: number): number {
  if (held) return held.ends;
  const longest = parent ? parent.view.ends - now : WORKFLOW_SECONDS_MAX;
  return now + Math.min(longest, wallSeconds ?? longest);
}

/**
 * What a grant leaves open, for the record and for who approves it: nobody has to work it out of
 * the policy.
 */
function openSinks({ granted }: PolicyDecision): Pick<MintRecord, 'openSinks'> {
  const open = granted.flatMap(({ grant: { tool }, openSinks: sinks }) =>
    sinks.map((sink) => ({ tool, ...sink })),
  );
  return open.length === 0 ? {} : { openSinks: open };
}

/** Seconds: the smallest of all that bounds it. */
function lifetimeOf(
  { lifetimeSeconds }: PolicyDecision,
  { user, workload, approval }: MintInput,
  workflowSeconds: number,
  now: number,
): number {
  const ends = [user?.expires, workload.expires].flatMap((expires) =>
    expires ? [Math.floor(expires.getTime() / 1000)] : [],
  );
  if (approval) ends.push(approval.until);
  const left = ends.map((end) => end - now);
  return Math.min(lifetimeSeconds, workflowSeconds, CAPABILITY_SECONDS_MAX, ...left);
}

/** All that decides what will be minted, but for the moment and the id of a new workflow. */
function questionOf(
  decision: PolicyDecision,
  asker: Pick<ApprovalQuestion, 'agent' | 'subject' | 'owner' | 'task' | 'audience' | 'holder'>,
  { workflow, stepUp }: TokenRequest,
  held: WorkflowView | undefined,
): ApprovalQuestion {
  const { granted, lifetimeSeconds, tier, budgets } = decision;
  const grants = granted.map(({ grant }) => grant);
  return {
    ...asker,
    ...(workflow !== undefined && { workflow }),
    ...(stepUp && { stepUp, adds: additions(held?.grants ?? [], grants) }),
    grants,
    rules: [...new Set(granted.map(({ rule }) => rule))],
    lifetimeSeconds,
    tier,
    budgets,
    ...openSinks(decision),
  };
}

const recorded = ({ question: _, ...approval }: GivenApproval): MintApproval => approval;

/**
 * RFC 6749 section 5.1: `scope` is said where it is not what was asked for. A grant that the policy
 * gives with constraints has no short form; the answer's details have it.
 */
function differingScope(asked: string | undefined, grants: readonly Grant[]): { scope?: string } {
  const scope = writeScope(grants);
  return asked === undefined || asked === scope || scope === '' ? {} : { scope };
}

/** One record a capability: a workflow has many, and the block's id tells them apart. */
const mintId = (workflow: string, revocationId: string): string =>
  `mint.${workflow}.${revocationId.slice(0, 32)}`;

/**
 * The record of a request that was refused, as far as it is known who asked. What was asked for is
 * in it where the agent was proven: nothing that a stranger wrote is logged or recorded.
 */
export function refusalRecord(
  refusal: TokenRefusal,
  error: string,
  stamp: { readonly id: string; readonly at: number },
  { asked, ...who }: Who,
): RefusalRecord {
  const cause = 'cause' in refusal ? `${refusal.code}:${refusal.cause}` : refusal.code;
  const proven = who.agent === undefined ? {} : { ...who, ...asked };
  return { event: 'refusal', ...stamp, ...proven, error, code: cause };
}
