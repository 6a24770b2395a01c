import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { readClock } from '../../../src/clock.ts';
import type { TransitionRefused } from '../../../src/lifecycle/index.ts';
import { STOP_RETRY_MILLISECONDS_MIN } from '../../../src/limits.ts';
import { type Effect, reachOf, readWait, waitForEffect } from '../feed/effect.ts';
import { type IssuerEnv, workflowOf } from '../platform/config.ts';
import { OPERATOR, problem, readJson } from '../platform/http.ts';
import { REASON_FORM, reason } from '../platform/text.ts';
import type { NotInForce, RevokeCommand, WorkflowUnknown } from './binding.ts';
import { isWorkflowId, shardOfWorkflow } from './id.ts';
import { reportStanding } from './standing.ts';

const noWorkflow = () => problem(404, 'workflow_unknown', 'No workflow was begun with this id.');

const REVOCATION_ID = /^[0-9a-f]{128}$/;

/** A workflow, with `state` as the feed has it, and `ordered` where that is not in force yet. */
export async function showWorkflow(request: IRequest, env: IssuerEnv): Promise<Response> {
  const id = String(request.params.id);
  const view = isWorkflowId(id) ? await workflowOf(env, id).view(id) : undefined;
  if (!view) return noWorkflow();
  const { standing, id: _, pauseSeconds: __, ...facts } = view;
  const { ordered, inForce, tokensEnd, entry } = standing;
  const place = entry && { shard: shardOfWorkflow(id), ...entry };
  const reach = place ? await reachOf(env, place) : undefined;
  const said = reportStanding({ ordered, inForce, tokensEnd, reach }, readClock());
  return Response.json({ id, ...facts, ...said, ...(entry && { entry }) });
}

export async function revokeWorkflow(request: IRequest, env: IssuerEnv): Promise<Response> {
  const id = String(request.params.id);
  const order = await readRevocation(request);
  if (order instanceof Response) return order;
  if (!isWorkflowId(id)) return noWorkflow();
  const revoked = await workflowOf(env, id).revoke(id, { actor: OPERATOR, ...order });
  if (!revoked.ok) return refused(revoked.error);
  const { expires, archived, recorded, ...place } = revoked.value;
  const effect = await effectOnWorkflow(request, env, { id, ...place, expires });
  return Response.json({ workflow: id, ...place, archived, recorded, ...effect });
}

/** Suspends a workflow and all below it, until an operator resumes or revokes it. */
export const suspendWorkflow = (request: IRequest, env: IssuerEnv): Promise<Response> =>
  moveWorkflow(request, env, 'suspend');

/** Resumes it with another generation: what was handed out before the suspension stays dead. */
export const resumeWorkflow = (request: IRequest, env: IssuerEnv): Promise<Response> =>
  moveWorkflow(request, env, 'resume');

async function moveWorkflow(
  request: IRequest,
  env: IssuerEnv,
  move: 'suspend' | 'resume',
): Promise<Response> {
  const id = String(request.params.id);
  const order = await readJson(request, moveBody, MOVE_FORM);
  if (order instanceof Response) return order;
  if (!isWorkflowId(id)) return noWorkflow();
  const by = { by: 'operator', actor: OPERATOR } as const;
  const moved = await workflowOf(env, id).move(id, { move, ...by, reason: order.reason });
  if (moved.ok) {
    const { epoch, seq, expires, ...done } = moved.value;
    const place = epoch === undefined || seq === undefined ? undefined : { epoch, seq };
    const isStop = move === 'suspend' && place;
    const effect = isStop ? await effectOnWorkflow(request, env, { id, ...place, expires }) : {};
    return Response.json({ workflow: id, ...done, ...place, ...effect });
  }
  return refused(moved.error);
}

/** Revokes one block of a workflow's tokens, and with it all that was narrowed from it. */
export async function revokeBlock(request: IRequest, env: IssuerEnv): Promise<Response> {
  const { id = '', block = '' } = request.params;
  const order = await readRevocation(request);
  if (order instanceof Response) return order;
  if (!REVOCATION_ID.test(block)) {
    return problem(400, 'invalid_request', 'A revocation id is 128 lower-case hex digits.');
  }
  if (!isWorkflowId(id)) return noWorkflow();
  const revoked = await workflowOf(env, id).revoke(id, { actor: OPERATOR, ...order, block });
  if (!revoked.ok) return refused(revoked.error);
  const { expires, archived, recorded, ...place } = revoked.value;
  const effect = await effectOnWorkflow(request, env, { id, ...place, expires });
  return Response.json({ workflow: id, block, ...place, archived, recorded, ...effect });
}

/** What is ordered and not in force is neither done nor undone, and the answer says so. */
function refused(refusal: WorkflowUnknown | TransitionRefused | NotInForce): Response {
  switch (refusal.code) {
    case 'workflow_unknown':
      return noWorkflow();
    case 'move_refused':
      return problem(409, refusal.code, `The workflow is ${refusal.state}.`);
    case 'feed_unavailable':
      return notInForce(refusal.code, 'the log of the feed does not answer, and verifiers go on');
    case 'audit_unavailable':
      return notInForce(
        refusal.code,
        'the audit log, which has to record it first, does not answer',
      );
  }
}

function notInForce(code: NotInForce['code'], why: string): Response {
  const message = `It is ordered and not in force yet: ${why}. It is carried out when it does.`;
  const response = problem(503, code, message);
  response.headers.set('retry-after', String(STOP_RETRY_MILLISECONDS_MIN / 1000));
  return response;
}

/** By when, and who has it: for the operator who has just stopped something of a workflow. */
const effectOnWorkflow = (
  { url }: IRequest,
  env: IssuerEnv,
  { id, ...place }: { id: string; epoch: number; seq: number; expires?: number | undefined },
): Promise<Effect> =>
  waitForEffect(env, { shard: shardOfWorkflow(id), ...place, waitSeconds: readWait(url) });

const moveBody = v.strictObject({ reason });
const MOVE_FORM = `The body is JSON with ${REASON_FORM}.`;
const revocationBody = v.strictObject({ reason, even_unknown: v.optional(v.literal(true)) });
const REVOCATION_FORM = `The body is JSON with ${REASON_FORM}, and even_unknown where it is true.`;

async function readRevocation(
  request: IRequest,
): Promise<Pick<RevokeCommand, 'reason' | 'evenUnknown'> | Response> {
  const read = await readJson(request, revocationBody, REVOCATION_FORM);
  if (read instanceof Response) return read;
  return { reason: read.reason, ...(read.even_unknown && { evenUnknown: read.even_unknown }) };
}
