import type * as v from 'valibot';
import { readClock, toSeconds } from '../../../src/clock.ts';
import {
  CALLS_TO_APPROVE,
  type ProblemCode,
  type PublicApi,
  type Refusal,
} from '../../../src/issuer-api/index.ts';
import { APPROVED_CALL_SECONDS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { readConfig } from '../platform/config.ts';
import { approvals, type IssuerEnv } from '../platform/env.ts';
import { problem, readJson } from '../platform/http.ts';
import { limitAgent } from '../platform/rate-limiting.ts';
import type { PublicHandlers } from '../platform/router.ts';
import { readDeniedTools } from '../token/denials.ts';
import { authenticateByToken, type PresentedToken } from '../token/presented-capability.ts';
import { refuseCapability } from '../token/refuse-capability.ts';
import type { DeployedPolicy } from '../version/deployed-policy.ts';
import { askAboutCalls, type GivenApproval } from './ask.ts';
import { type CallsToApprove, questionOfCalls, type RequestedCall } from './call-request.ts';
import { holdForAnswer, isStillLive } from './hold.ts';
import { approvedCallId } from './id.ts';
import { preferredWait } from './prefer.ts';
import { type SignedCalls, signCalls } from './sign-calls.ts';
import type { ApprovalRefusal } from './state.ts';

/** How an agent asks for the approval of single calls. */
export const createCallApprovalRoutes = (
  deployed: DeployedPolicy,
): PublicHandlers<PublicApi['approval']> => ({
  approveCalls: async (request, env) => {
    const presented = await authenticateByToken(request, env);
    if (!presented.ok) return refuseCapability(presented.error, env);
    // The caller must not learn whether another workflow has this id.
    const { workflow, agent } = presented.value.token.authority;
    if (workflow !== request.params.id)
      return refuseCapability({ code: 'capability_refused' }, env);
    const limited = await limitAgent(env, agent);
    if (!limited.ok) return problem({ code: 'approvals_exhausted', ...limited.error }, NOT_STORED);
    const body = await readJson(request, CALLS_TO_APPROVE);
    if (!body.ok) return notApproved(body.error);
    const asked = await answerTo(body.value, presented.value, deployed, env);
    const seconds = preferredWait(request.headers);
    if (asked.ok || asked.error.code !== 'approval_pending' || seconds === 0) return sent(asked);
    const { id } = asked.error;
    const began = readClock();
    if (!(await holdForAnswer(id, presented.value, seconds, env))) {
      return sent(refuse(after(asked.error, readClock() - began)));
    }
    if (!(await isStillLive(env, presented.value))) {
      return refuseCapability({ code: 'capability_refused' }, env);
    }
    return sent(await answerTo({ ...body.value, approval: id }, presented.value, deployed, env));
  },
});

type CallsAsked = v.InferOutput<typeof CALLS_TO_APPROVE>;
type Pending = Extract<ApprovalRefusal, { readonly code: 'approval_pending' }>;

const sent = (answer: Result<Response, Refused>): Response =>
  answer.ok ? answer.value : notApproved(answer.error);

/** The same answer some time later, for an agent that counts both from when it gets them. */
function after(pending: Pending, milliseconds: number): Pending {
  const seconds = Math.floor(milliseconds / 1000);
  const [expiresIn, interval] = [pending.expiresIn, pending.interval].map((one) =>
    Math.max(1, one - seconds),
  ) as [number, number];
  return { ...pending, expiresIn, interval };
}

const NOT_STORED = { 'cache-control': 'no-store' };

type Refused = ApprovalRefusal | Refusal<ProblemCode>;

/**
 * Makes the question from the token and the arguments, asks or polls, and signs what is approved.
 */
async function answerTo(
  asking: CallsAsked,
  presented: PresentedToken,
  deployed: DeployedPolicy,
  env: IssuerEnv,
): Promise<Result<Response, Refused>> {
  const { approverKey } = readConfig(env);
  if (approverKey === undefined) return refuse({ code: 'approvals_off' });
  const version = await deployed.load(env);
  if (!version) return refuse({ code: 'policy_unavailable' });
  const calls = asking.calls as readonly RequestedCall[];
  const asked = await questionOfCalls(presented.token, calls, version, readClock());
  if (!asked.ok) return asked;
  const admitted = await admit(presented, calls, env);
  if (!admitted.ok) return admitted;
  const { question, digests } = asked.value;
  const approval = await askAboutCalls(question, digests, asking.approval, env);
  if (!approval.ok) return approval;
  const signed = await sign(presented, asked.value, approval.value, approverKey);
  const { workflow } = question;
  const { block, until, signature } = signed;
  // Before the agent has it: a withdrawal has to know what to stop.
  await approvals(env).noteSigned(approval.value.id, { workflow, signature, until });
  const named = signed.calls.map(({ id, tool }) => ({ id, tool }));
  return ok(Response.json({ block, until, calls: named }, { headers: NOT_STORED }));
}

/** A person must not be asked about what an operator denies. */
async function admit(
  { token }: PresentedToken,
  calls: readonly RequestedCall[],
  env: IssuerEnv,
): Promise<Result<null, Refusal<'denied_by_operator' | 'denials_unavailable'>>> {
  const { agent, subject, owner } = token.authority;
  const denied = await readDeniedTools(env, { agent, subject, owner, grants: calls });
  if (!denied.ok) return refuse({ code: denied.error.code });
  return denied.value.length > 0 ? refuse({ code: 'denied_by_operator' }) : ok(null);
}

function sign(
  { text, expires }: PresentedToken,
  { question, digests }: CallsToApprove,
  { id, by, until }: GivenApproval,
  key: string,
): Promise<SignedCalls> {
  const now = toSeconds(readClock());
  const version = question.version.slice(0, 16);
  const calls = question.calls.map(({ tool }, index) => ({
    id: approvedCallId(id, index),
    tool,
    args: digests[index] ?? '',
    by,
    version,
  }));
  const end = Math.min(now + APPROVED_CALL_SECONDS_MAX, until, expires);
  return signCalls(text, key, calls, { until: end, now });
}

/** The refusals of a question as the agent's own routes answer them. */
function notApproved(refusal: Refused): Response {
  switch (refusal.code) {
    case 'approval_pending':
    case 'approval_polled_too_fast': {
      const { id: approval, expiresIn, interval } = refusal;
      const body = { approval, expires_in: expiresIn, interval };
      const headers = { ...NOT_STORED, 'retry-after': String(interval) };
      return Response.json(body, { status: 202, headers });
    }
    case 'approval_expired':
    case 'approval_foreign':
      return problem({ code: 'approval_void' }, NOT_STORED);
    default:
      return problem(refusal, NOT_STORED);
  }
}
