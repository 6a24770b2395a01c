import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { describeQuestion } from '../../../src/approval/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { approvals, type IssuerEnv } from '../platform/config.ts';
import { OPERATOR, problem, readAfter, readJson } from '../platform/http.ts';
import { name, reason } from '../platform/text.ts';
import { type DeniableParties, readDeniedTools } from '../token/denials.ts';
import { QUESTION } from './columns.ts';
import { isApprovalId } from './id.ts';
import type { ApprovalView } from './rows.ts';
import type { AnswerRefusal } from './state.ts';

const APPROVER_LENGTH_MAX = 256;

/** What waits for a person, in the order of asking. */
export async function listApprovals(request: IRequest, env: IssuerEnv): Promise<Response> {
  const after = readAfter(new URL(request.url).searchParams);
  if (after === undefined) {
    return problem(400, 'invalid_request', 'after is a position in the list.');
  }
  const { approvals: views, pending } = await approvals(env).list(after);
  return Response.json({ approvals: views.map(toJson), pending });
}

export async function showApproval(request: IRequest, env: IssuerEnv): Promise<Response> {
  const id = String(request.params.id);
  const view = isApprovalId(id) ? await approvals(env).view(id) : undefined;
  return view ? Response.json(toJson(view)) : orderProblem({ code: 'approval_unknown' });
}

const answer = {
  digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  by: name(APPROVER_LENGTH_MAX),
  reason,
};
const orderBody = v.variant('decision', [
  v.strictObject({
    decision: v.literal('approve'),
    until: v.pipe(v.number(), v.safeInteger()),
    ...answer,
  }),
  v.strictObject({ decision: v.literal('refuse'), ...answer }),
]);
const ORDER_FORM =
  'The body is JSON with decision, digest, by, reason and, to approve, until in unix seconds.';

/**
 * A person's answer. It echoes the digest of what the person saw, so that a slip of an id, or a
 * page that shows something else, approves nothing.
 */
export async function decideApproval(request: IRequest, env: IssuerEnv): Promise<Response> {
  const id = String(request.params.id);
  const order = await readJson(request, orderBody, ORDER_FORM);
  if (order instanceof Response) return order;
  if (!isApprovalId(id)) return orderProblem({ code: 'approval_unknown' });
  const denied = order.decision === 'approve' && (await deniedProblem(id, env));
  if (denied) return denied;
  const decided = await approvals(env).decide({ id, actor: OPERATOR, ...order });
  return decided.ok ? Response.json(toJson(decided.value)) : orderProblem(decided.error);
}

/** The answer to an approval of what is denied: the person's yes would be worth nothing. */
async function deniedProblem(id: string, env: IssuerEnv): Promise<Response | undefined> {
  const view = await approvals(env).view(id);
  if (!view) return undefined;
  const { agent, subject, owner, ...question } = QUESTION.read(view.question);
  const { grants } = question as unknown as Pick<DeniableParties, 'grants'>;
  const denied = await readDeniedTools(env, { agent, subject, owner, grants });
  if (denied.ok && denied.value.length === 0) return undefined;
  return !denied.ok && denied.error.code === 'denials_unavailable'
    ? problem(503, denied.error.code, 'What is denied could not be read; try again.')
    : problem(409, 'denied_by_operator', 'What it asks for is denied: hewn deny list says what.');
}

function orderProblem(refusal: AnswerRefusal | { code: 'audit_unavailable' }): Response {
  switch (refusal.code) {
    case 'audit_unavailable':
      return problem(
        503,
        refusal.code,
        'It is ordered and does not count yet: the audit log, which has to record it first, does not answer.',
      );
    case 'approval_unknown':
      return problem(404, 'approval_unknown', 'Nothing was asked with this id, or long ago.');
    case 'digest_differs':
      return problem(409, 'digest_differs', 'That is not the digest of what is asked here.');
    case 'approval_ended':
      return problem(409, 'approval_ended', `It was answered, or is over: ${refusal.state}.`);
    case 'approver_is_agent':
      return problem(403, 'approver_is_agent', 'An agent does not approve what it asks for.');
    case 'until_invalid':
      return problem(400, 'until_invalid', 'until is in the future, and at most eight hours off.');
  }
}

/** With the question as JSON and in words: both say all of it. */
function toJson({ question: text, decision, ...view }: ApprovalView): JsonObject {
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
