import { describeQuestion } from '../../../src/approval/index.ts';
import { ADMIN_API, type Refusal } from '../../../src/issuer-api/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { approvals, type IssuerEnv } from '../platform/env.ts';
import { type DeniableParties, readDeniedTools } from '../token/denials.ts';
import { QUESTION } from './columns.ts';
import type { ApprovalView } from './rows.ts';
import type { AnswerRefusal } from './state.ts';

export const approvalRoutes = bindAdmin(ADMIN_API.approvals, {
  listApprovals: async ({ query }, { env }) => {
    const { approvals: views, pending } = await approvals(env).list(query.after);
    return ok({ approvals: views.map(describe), pending });
  },

  showApproval: async ({ params: { id } }, { env }) => {
    const view = await approvals(env).view(id);
    return view ? ok(describe(view)) : refuse({ code: 'approval_unknown' });
  },

  // The digest covers what the person saw, so that a mistyped id, or a page that shows another
  // question, approves nothing.
  decideApproval: async ({ params: { id }, body }, { env, actor }) => {
    const denied = body.decision === 'approve' && (await refusalOfDenied(id, env));
    if (denied) return refuse(denied);
    const decided = await approvals(env).decide({ id, actor, ...body });
    return decided.ok ? ok(describe(decided.value)) : refuse(refusalOf(decided.error));
  },
});

/** Refuses to approve what is denied: nothing would be minted by that approval. */
async function refusalOfDenied(
  id: string,
  env: IssuerEnv,
): Promise<Refusal<'denials_unavailable' | 'denied_by_operator'> | undefined> {
  const view = await approvals(env).view(id);
  if (!view) return undefined;
  const { agent, subject, owner, ...question } = QUESTION.read(view.question);
  const { grants } = question as unknown as Pick<DeniableParties, 'grants'>;
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
function describe({ question: text, decision, ...view }: ApprovalView) {
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
    ...(answered && { answer: answered }),
  };
}
