import { describeQuestion, questionLines } from '../../../src/approval/index.ts';
import { readClock } from '../../../src/clock.ts';
import { ADMIN_API, type Refusal } from '../../../src/issuer-api/index.ts';
import type { Operator } from '../../../src/operators/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { asOf } from '../feed/as-of.ts';
import { confirmApproval } from '../operators/confirm-approval.ts';
import { requireScope } from '../operators/scope.ts';
import type { AdminContext } from '../platform/admin-context.ts';
import { type BoundRoutes, bindAdmin } from '../platform/admin-router.ts';
import { approvals, type IssuerEnv, workflowOf } from '../platform/env.ts';
import { readDeniedTools } from '../token/denials.ts';
import type { DeployedPolicy } from '../version/deployed-policy.ts';
import { recentAnswers } from './answers.ts';
import { backgroundOf, cameFrom, lastAnswer, mayAnswer, placesOf, toolsOf } from './background.ts';
import { QUESTION } from './columns.ts';
import type { ApprovalView } from './rows.ts';
import type { AnswerRefusal } from './state.ts';
import { policyLine } from './suggestions.ts';

/** Returns the routes of approvals. Rules are shown with their place in the version in force. */
export const createApprovalRoutes = (
  deployed: DeployedPolicy,
): BoundRoutes<(typeof ADMIN_API)['approvals']> =>
  bindAdmin(ADMIN_API.approvals, {
    listApprovals: async ({ query }, { env, operator }) => {
      const { approvals: views, pending } = await approvals(env).list(query.after);
      const listed = views.map((view) => describe(view, operator));
      return ok({ as_of: await asOf(env), approvals: listed, pending });
    },

    listSuggestions: async (_, { env }) => {
      const suggestions = await approvals(env).suggestions();
      return ok({ suggestions: suggestions.map((one) => ({ ...one, line: policyLine(one) })) });
    },

    listAnswers: async (_, { env }) =>
      ok({ as_of: await asOf(env), ...(await recentAnswers(env, readClock())) }),

    showApproval: async ({ params: { id } }, { env, operator }) => {
      const view = await approvals(env).view(id);
      if (!view) return refuse({ code: 'approval_unknown' });
      const question = backgroundOf(id, view.asked * 1_000, QUESTION.read(view.question));
      const [last, sources, rules, as_of] = await Promise.all([
        lastAnswer(env, question),
        cameFrom(env, question),
        placesOf(env, question, deployed),
        asOf(env),
      ]);
      return ok({
        as_of,
        ...describe(view, operator),
        lines: questionLines(QUESTION.read(view.question), last?.question, view.known),
        rules,
        came_from: sources,
        ...(last && { last_answer: last.answer }),
      });
    },

    // The digest covers what the person saw, so that a mistyped id, or a page that shows another
    // question, approves nothing.
    decideApproval: async ({ params: { id }, body }, context) => {
      const { env, operator, actor, via } = context;
      const by = answeredBy(operator, body.by);
      if (!by.ok) return by;
      const scope = await requireScopeOfQuestion(context, id);
      if (!scope.ok) return scope;
      const denied = body.decision === 'approve' && (await refusalOfDenied(id, env));
      if (denied) return refuse(denied);
      const stopped = body.decision === 'approve' || (await stopSigned(context, id, body));
      if (stopped !== true) return refuse({ code: 'feed_unavailable' });
      const { passkey: answer, ...given } =
        body.decision === 'approve' ? body : { ...body, passkey: undefined };
      const confirmed =
        body.decision === 'approve'
          ? await confirmApproval(context, { ...body, id }, answer)
          : undefined;
      if (confirmed && !confirmed.ok) return confirmed;
      const passkey = confirmed?.value && { passkey: confirmed.value.id };
      const order = { id, actor, via, ...given, by: by.value, ...passkey };
      const decided = await approvals(env).decide(order);
      return decided.ok ? ok(describe(decided.value, operator)) : refuse(refusalOf(decided.error));
    },
  });

/** A session knows the name of its person. A credential names no person, so it states one. */
function answeredBy(
  { kind, name }: Operator,
  stated: string | undefined,
): Result<string, Refusal<'invalid_request'>> {
  if (kind !== 'credential') {
    if (stated === undefined || stated === name) return ok(name);
    const message = `You are signed in as ${name}: "by" cannot name someone else.`;
    return refuse({ code: 'invalid_request', message });
  }
  if (stated !== undefined) return ok(stated);
  const message = '"by" is missing: the credential does not say which person decided.';
  return refuse({ code: 'invalid_request', message });
}

/**
 * Stops the block that the agent has, before anything is recorded. Returns whether the feed has it;
 * true as well if there is nothing to stop, or the answer is about another question.
 */
async function stopSigned(
  { env, actor }: AdminContext,
  id: string,
  { digest, reason }: { readonly digest: string; readonly reason: string },
): Promise<boolean> {
  const view = await approvals(env).view(id);
  if (!view?.signed || view.digest !== digest) return true;
  const { workflow, signature: block } = view.signed;
  // The block was signed for a token of it, so this also works if the row of its begin was lost.
  const command = { actor, reason, block, evenUnknown: true } as const;
  return (await workflowOf(env, workflow).revoke(workflow, command)).ok;
}

/** An approver may be limited to owners and tools: every tool of the question must be theirs. */
async function requireScopeOfQuestion(context: AdminContext, id: string) {
  const whole = await requireScope(context, 'approve', {});
  if (whole.ok) return whole;
  const view = await approvals(context.env).view(id);
  if (!view) return refuse({ code: 'approval_unknown' } as const);
  const question = QUESTION.read(view.question);
  const { owner } = question;
  const tools = toolsOf(question);
  for (const tool of tools) {
    const scope = await requireScope(context, 'approve', { owner, tool });
    if (!scope.ok) return scope;
  }
  return tools.length > 0 ? ok(null) : whole;
}

/** Refuses to approve what is denied: nothing would be minted by that approval. */
async function refusalOfDenied(
  id: string,
  env: IssuerEnv,
): Promise<Refusal<'denials_unavailable' | 'denied_by_operator'> | undefined> {
  const view = await approvals(env).view(id);
  if (!view) return undefined;
  const question = QUESTION.read(view.question);
  const { agent, subject, owner } = question;
  const grants = toolsOf(question).map((tool) => ({ tool }));
  const denied = await readDeniedTools(env, { agent, subject, owner, grants });
  if (denied.ok && denied.value.length === 0) return undefined;
  return !denied.ok && denied.error.code === 'denials_unavailable'
    ? { code: denied.error.code }
    : { code: 'denied_by_operator' };
}

type DecideRefusal = AnswerRefusal | { readonly code: 'audit_unavailable' };

const refusalOf = (refusal: DecideRefusal): Refusal<DecideRefusal['code']> =>
  refusal.code === 'approval_ended'
    ? { code: refusal.code, message: `The request was already answered, or is ${refusal.state}.` }
    : { code: refusal.code };

/** With the question as JSON and in words: each says all of it. */
function describe(
  { question: text, decision, known, signed: _, ...view }: ApprovalView,
  operator: Operator,
) {
  const question = QUESTION.read(text);
  const answered = decision && {
    decision: decision.decision,
    by: decision.by,
    reason: decision.reason,
    actor: decision.actor,
    at: decision.at,
    ...(decision.until !== undefined && { until: decision.until }),
  };
  return {
    ...view,
    question,
    words: describeQuestion(question),
    lines: questionLines(question, undefined, known),
    may_answer: mayAnswer(operator, backgroundOf(view.id, view.asked * 1_000, question)),
    ...(answered && { answer: answered }),
  };
}
