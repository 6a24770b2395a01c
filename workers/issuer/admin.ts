import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { findLogFault, findTrailFault } from '../../src/audit/index.ts';
import { readBounded } from '../../src/body.ts';
import { ADMIN_REQUEST_BYTES_MAX } from '../../src/limits.ts';
import { type Effect, effectOf, readWait } from './feed/effect.ts';
import { auditLog, breaker, type IssuerEnv, readConfig, workflowOf } from './platform/config.ts';
import { credentialDigest, isCredential } from './platform/credential.ts';
import { isWorkflowId, shardOfWorkflow } from './workflow/id.ts';
import type { RevokeRequest } from './workflow/object.ts';

/** Who acts on an admin route, in the records. */
export const OPERATOR = 'operator';

/** Refuses whoever does not bring the operator credential; runs before every admin route. */
export async function requireOperator(
  request: IRequest,
  env: IssuerEnv,
): Promise<Response | undefined> {
  const digest = await credentialDigest(request.headers);
  if (isCredential(digest, readConfig(env).operatorSha256)) return undefined;
  return Response.json(
    { error: 'unauthorized', message: 'The operator credential is required.' },
    { status: 401, headers: { 'www-authenticate': 'Bearer realm="hewn-admin"' } },
  );
}

export const problem = (status: number, error: string, message: string): Response =>
  Response.json({ error, message }, { status });

const noWorkflow = () => problem(404, 'workflow_unknown', 'No workflow was begun with this id.');

const REVOCATION_ID = /^[0-9a-f]{128}$/;

export async function showWorkflow(request: IRequest, env: IssuerEnv): Promise<Response> {
  const id = String(request.params.id);
  const view = isWorkflowId(id) ? await workflowOf(env, id).view(id) : undefined;
  return view ? Response.json(view) : noWorkflow();
}

export async function revokeWorkflow(request: IRequest, env: IssuerEnv): Promise<Response> {
  const id = String(request.params.id);
  const order = await readOrder(request);
  if (order instanceof Response) return order;
  if (!isWorkflowId(id)) return noWorkflow();
  const revoked = await workflowOf(env, id).revoke(id, { actor: OPERATOR, ...order });
  if (!revoked.ok) return noWorkflow();
  const effect = await effectOnWorkflow(request, env, { id, ...revoked.value });
  return Response.json({ workflow: id, ...revoked.value, ...effect });
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
  const order = await readOrder(request);
  if (order instanceof Response) return order;
  if (!isWorkflowId(id)) return noWorkflow();
  const { reason } = order;
  const by = { by: 'operator', actor: OPERATOR } as const;
  const moved = await workflowOf(env, id).move(id, { move, ...by, reason });
  if (moved.ok) {
    const { epoch, seq } = moved.value;
    const isStop = move === 'suspend' && epoch !== undefined && seq !== undefined;
    const effect = isStop ? await effectOnWorkflow(request, env, { id, epoch, seq }) : {};
    return Response.json({ workflow: id, ...moved.value, ...effect });
  }
  return moved.error.code === 'workflow_unknown'
    ? noWorkflow()
    : problem(409, 'move_refused', `The workflow is ${moved.error.state}.`);
}

/** The rules that the breaker holds back. */
export async function showRules(_request: IRequest, env: IssuerEnv): Promise<Response> {
  const { rules } = readConfig(env).rulebook;
  return Response.json({ rules, tripped: await breaker(env).tripped() });
}

/** Lets a rule stop workflows again; `rule` is its id and version, as `tripped` has it. */
export async function armRule(request: IRequest, env: IssuerEnv): Promise<Response> {
  const order = await readOrder(request);
  if (order instanceof Response) return order;
  const rule = String(request.params.rule);
  const { reason } = order;
  const record = { event: 'rule_armed', at: Date.now(), rule, actor: OPERATOR, reason } as const;
  await auditLog(env).append([{ ...record, id: `rule_armed.${crypto.randomUUID()}` }]);
  return (await breaker(env).arm(rule))
    ? Response.json({ rule })
    : problem(404, 'rule_not_tripped', 'The breaker does not hold this rule back.');
}

/** Revokes one block of a workflow's tokens, and with it all that was narrowed from it. */
export async function revokeBlock(request: IRequest, env: IssuerEnv): Promise<Response> {
  const { id = '', block = '' } = request.params;
  const order = await readOrder(request);
  if (order instanceof Response) return order;
  if (!REVOCATION_ID.test(block)) {
    return problem(400, 'invalid_request', 'A revocation id is 128 lower-case hex digits.');
  }
  if (!isWorkflowId(id)) return noWorkflow();
  const revoked = await workflowOf(env, id).revoke(id, { actor: OPERATOR, ...order, block });
  if (!revoked.ok) return noWorkflow();
  const effect = await effectOnWorkflow(request, env, { id, ...revoked.value });
  return Response.json({ workflow: id, block, ...revoked.value, ...effect });
}

/** By when, and who has it: for the operator who has just stopped something of a workflow. */
async function effectOnWorkflow(
  { url }: IRequest,
  env: IssuerEnv,
  { id, epoch, seq }: { id: string; epoch: number; seq: number },
): Promise<Effect> {
  const view = await workflowOf(env, id).view(id);
  const { expires } = view ?? {};
  const shard = shardOfWorkflow(id);
  return effectOf(env, { shard, epoch, seq, expires, waitSeconds: readWait(url) });
}

/**
 * The audit trail of one workflow, or of everything; `fault` names the first record that is not
 * whole.
 */
export async function showAudit(request: IRequest, env: IssuerEnv): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const workflow = query.get('workflow') ?? undefined;
  const after = readAfter(query);
  if (after === undefined || (workflow !== undefined && !isWorkflowId(workflow))) {
    return problem(400, 'invalid_request', 'workflow is an id, after a position in the log.');
  }
  const filter = workflow === undefined ? { after } : { workflow, after };
  const records = await auditLog(env).read(filter);
  const fault =
    workflow === undefined ? await findLogFault(records, after) : await findTrailFault(records);
  return Response.json({ records, whole: fault === undefined, ...(fault && { fault }) });
}

/** The position of `after`, 0 without one; undefined for what is no position. */
export function readAfter(query: URLSearchParams): number | undefined {
  const text = query.get('after') ?? '0';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Why something is done, for the record. */
export const reason = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(512));

const orderBody = v.strictObject({
  reason,
  even_unknown: v.optional(v.literal(true)),
});

type Order = Pick<RevokeRequest, 'reason' | 'evenUnknown'>;

async function readOrder(request: IRequest): Promise<Order | Response> {
  const read = await readJson(request, orderBody, 'The body is JSON with a reason.');
  if (read instanceof Response) return read;
  return { reason: read.reason, ...(read.even_unknown && { evenUnknown: read.even_unknown }) };
}

/** A body of exactly this shape, or the answer to any other. */
export async function readJson<Schema extends v.GenericSchema>(
  request: IRequest,
  schema: Schema,
  otherwise: string,
): Promise<v.InferOutput<Schema> | Response> {
  const invalid = problem(400, 'invalid_request', otherwise);
  const body = await readBounded(request as unknown as Request, ADMIN_REQUEST_BYTES_MAX);
  if (!body.ok)
    return body.error.code === 'body_too_large'
      ? problem(413, body.error.code, 'The body is too large.')
      : invalid;
  try {
    const parsed = v.safeParse(schema, JSON.parse(body.value));
    return parsed.success ? parsed.output : invalid;
  } catch {
    return invalid;
  }
}
