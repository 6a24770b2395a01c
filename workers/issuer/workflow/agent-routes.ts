import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { readBounded } from '../../../src/body.ts';
import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import {
  COMPLETION,
  FAILURE,
  type PublicApi,
  type Refusal,
} from '../../../src/issuer-api/index.ts';
import type { TransitionRefused } from '../../../src/lifecycle/index.ts';
import { ADMIN_REQUEST_BYTES_MAX } from '../../../src/limits.ts';
import { type IssuerEnv, workflowOf } from '../platform/env.ts';
import { problem } from '../platform/http.ts';
import type { PublicHandlers } from '../platform/router.ts';
import { authenticateByCapability } from '../token/presented-capability.ts';
import { refuseCapability } from '../token/refuse-capability.ts';
import type { NotInForce, TransitionCommand, WorkflowUnknown } from './binding.ts';

type Ending = Pick<TransitionCommand, 'move' | 'graceSeconds' | 'reason'>;

/** How an agent ends its own workflow. Both endings are final. */
export const agentRoutes: PublicHandlers<PublicApi['workflow']> = {
  complete: (request, env) =>
    endWorkflow(request, env, (body) => {
      const read = v.safeParse(COMPLETION, body);
      return read.success
        ? { move: 'complete', graceSeconds: read.output.grace_seconds }
        : undefined;
    }),

  fail: (request, env) =>
    endWorkflow(request, env, (body) => {
      const read = v.safeParse(FAILURE, body);
      if (!read.success) return undefined;
      const { reason } = read.output;
      return { move: 'fail', ...(reason !== undefined && { reason }) };
    }),
};

async function endWorkflow(
  request: Request & IRequest,
  env: IssuerEnv,
  read: (body: unknown) => Ending | undefined,
): Promise<Response> {
  const id = String(request.params.id);
  const presented = await authenticateByCapability(request, env);
  if (!presented.ok) return refuseCapability(presented.error, env);
  const body = await readBounded(request, ADMIN_REQUEST_BYTES_MAX);
  const ending = body.ok ? read(parse(body.value)) : undefined;
  if (!ending) return answer({ code: 'invalid_request', message: BODY_INVALID });
  const { workflow, agent } = presented.value.token.authority;
  // The caller must not learn whether another workflow has this id.
  if (workflow !== id) return refuseCapability({ code: 'capability_refused' }, env);
  const transition = await workflowOf(env, id).move(id, { ...ending, by: 'agent', actor: agent });
  if (!transition.ok) return notTransitioned(transition.error);
  return Response.json({ workflow: id, state: transition.value.state }, { headers: NOT_STORED });
}

/** Reports an unknown workflow as not active: the caller must not learn whether it exists. */
function notTransitioned(refusal: WorkflowUnknown | TransitionRefused | NotInForce): Response {
  switch (refusal.code) {
    case 'workflow_unknown':
    case 'move_refused':
      return answer({ code: 'not_active' });
    case 'feed_unavailable':
    case 'audit_unavailable':
      return answer({ code: refusal.code });
  }
}

const NOT_STORED = { 'cache-control': 'no-store' };

const BODY_INVALID =
  'The body must be empty or an object with only the members of this ending: grace_seconds to complete, reason to fail.';

const answer = (refusal: Refusal): Response => problem(refusal, NOT_STORED);

/**
 * An empty body is an ending without members. Anything but an object is refused, because a schema
 * of objects accepts `[]` as one without members, and an ending is final.
 */
function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text || '{}');
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
