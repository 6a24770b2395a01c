import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { readBounded } from '../../../src/body.ts';
import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import { readClock } from '../../../src/clock.ts';
import type { TransitionRefused } from '../../../src/lifecycle/index.ts';
import { ADMIN_REQUEST_BYTES_MAX, COMPLETING_SECONDS_MAX } from '../../../src/limits.ts';
import { type IssuerEnv, readConfig, workflowOf } from '../platform/config.ts';
import { remark } from '../platform/text.ts';
import { authenticateByCapability, type CapabilityRefusal } from '../token/presented-capability.ts';
import type { NotInForce, TransitionCommand, WorkflowUnknown } from './binding.ts';

type Ending = Pick<TransitionCommand, 'move' | 'graceSeconds' | 'reason'>;

const completion = v.strictObject({
  grace_seconds: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(COMPLETING_SECONDS_MAX)),
    0,
  ),
});
const failure = v.strictObject({
  reason: v.optional(remark),
});

/** `POST /workflows/v1/{id}/complete`: the agent says that it is done, and that is final. */
export const completeWorkflow = (request: IRequest, env: IssuerEnv): Promise<Response> =>
  endWorkflow(request, env, (body) => {
    const parsed = v.safeParse(completion, body);
    return parsed.success
      ? { move: 'complete', graceSeconds: parsed.output.grace_seconds }
      : undefined;
  });

/** `POST /workflows/v1/{id}/fail`: the agent gives up. */
export const failWorkflow = (request: IRequest, env: IssuerEnv): Promise<Response> =>
  endWorkflow(request, env, (body) => {
    const parsed = v.safeParse(failure, body);
    if (!parsed.success) return undefined;
    const { reason } = parsed.output;
    return { move: 'fail', ...(reason !== undefined && { reason }) };
  });

async function endWorkflow(
  itty: IRequest,
  env: IssuerEnv,
  read: (body: unknown) => Ending | undefined,
): Promise<Response> {
  const request = itty as unknown as Request;
  const id = String(itty.params.id);
  const held = await authenticateByCapability(request, env);
  if (!held.ok) return refused(held.error, env);
  const body = await readBounded(request, ADMIN_REQUEST_BYTES_MAX);
  const ending = body.ok ? read(parse(body.value)) : undefined;
  if (!ending) return problem(400, 'invalid_request', 'The body is not what this ending takes.');
  const { workflow, agent } = held.value.token.authority;
  // Whose id it is besides is not for this caller to know.
  if (workflow !== id) return refused({ code: 'capability_refused' }, env);
  const moved = await workflowOf(env, id).move(id, { ...ending, by: 'agent', actor: agent });
  if (!moved.ok) return notMoved(moved.error);
  return Response.json({ workflow: id, state: moved.value.state }, { headers: NOT_STORED });
}

/** WorkflowUnknown is told as not active: what is not there is not this caller's to know. */
function notMoved(refusal: WorkflowUnknown | TransitionRefused | NotInForce): Response {
  switch (refusal.code) {
    case 'workflow_unknown':
    case 'move_refused':
      return problem(409, 'not_active', 'The workflow is not active.');
    case 'feed_unavailable':
    case 'audit_unavailable':
      return problem(503, refusal.code, 'It is ordered, and carried out when the log answers.');
  }
}

const NOT_STORED = { 'cache-control': 'no-store' };

const problem = (status: number, error: string, message: string): Response =>
  Response.json({ error, message }, { status, headers: NOT_STORED });

/** RFC 6750 section 3.1 and RFC 9449 sections 7.1 and 9. */
async function refused({ code }: CapabilityRefusal, env: IssuerEnv): Promise<Response> {
  if (code === 'capability_narrowed') {
    return problem(403, code, 'A narrowed capability does not end its workflow.');
  }
  const isNonce = code === 'nonce_required';
  const response = isNonce
    ? problem(401, 'use_dpop_nonce', 'The DPoP proof lacks the nonce of the DPoP-Nonce header.')
    : problem(401, 'invalid_token', 'A capability of this workflow is required, with its proof.');
  const error = isNonce ? 'use_dpop_nonce' : 'invalid_token';
  response.headers.set('www-authenticate', `DPoP realm="hewn", error="${error}"`);
  const nonce = await readConfig(env).nonces?.issue(readClock());
  if (nonce !== undefined) response.headers.set('dpop-nonce', nonce);
  return response;
}

/**
 * An empty body says nothing beside the ending itself. Anything but an object is none, and a schema
 * of objects would take `[]` for one without members: an ending is final, and has to be meant.
 */
function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text || '{}');
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
