import { readBounded } from '../../../src/body.ts';
import type { Identity } from '../../../src/identity/index.ts';
import { TOKEN_REQUEST_BYTES_MAX } from '../../../src/limits.ts';
import { type Result, refuse } from '../../../src/result.ts';
import { auditLog, type IssuerEnv, readConfig, workflowOf } from '../config.ts';
import { identityOf } from '../identity.ts';
import { issuerPolicy } from '../policy.ts';
import { newWorkflowId } from '../workflow-id.ts';
import { identityRefusal, type Mint, mintCapability, refusalRecord } from './mint.ts';
import { type TokenRefusal, toWire } from './refusal.ts';
import {
  ACCESS_TOKEN_TYPE,
  readTokenRequest,
  TASK_DETAIL_TYPE,
  type TokenRequest,
} from './request.ts';

interface Who {
  agent?: string;
  subject?: string;
  task?: string;
}

/** `POST /token`: RFC 8693 token exchange of a user's and a workload's token for a capability. */
export async function tokenEndpoint(
  request: Request,
  env: IssuerEnv,
  ctx: ExecutionContext,
): Promise<Response> {
  const who: Who = {};
  const minted = await exchange(request, env, who);
  const refused = (refusal: TokenRefusal): Response => {
    const { status, error, description } = toWire(refusal);
    const stamp = { id: `refusal.${crypto.randomUUID()}`, at: Date.now() };
    const record = refusalRecord(refusal, error, stamp, who);
    console.log({ ...record, event: 'token.refused' });
    ctx.waitUntil(auditLog(env).append([record]));
    return answer({ error, error_description: description }, status);
  };
  if (!minted.ok) return refused(minted.error);
  const { token, record, start } = minted.value;
  // Written first (invariant 7): a token that was signed but never recorded is never handed out.
  await auditLog(env).append([record]);
  // Asked last: between the record and this answer the workflow may have been revoked.
  if (minted.value.continues) {
    const { stepUp } = minted.value;
    const continued = await workflowOf(env, start.id).continue({ ...start, stepUp });
    if (!continued.ok) return refused(continued.error);
  } else {
    const begun = await workflowOf(env, start.id).begin(start);
    if (!begun.ok) throw new Error('a fresh workflow id was in use');
  }
  return answer({
    access_token: token,
    issued_token_type: ACCESS_TOKEN_TYPE,
    token_type: 'Bearer',
    expires_in: start.expires - start.startedAt,
    ...(minted.value.scope !== undefined && { scope: minted.value.scope }),
    authorization_details: [
      {
        type: TASK_DETAIL_TYPE,
        workflow: start.id,
        task: start.task,
        grants: start.grants,
      },
    ],
  });
}

async function exchange(
  request: Request,
  env: IssuerEnv,
  who: Who,
): Promise<Result<Mint, TokenRefusal>> {
  const config = readConfig(env);
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return refuse({ code: 'content_type_unsupported' });
  }
  const body = await readBounded(request, TOKEN_REQUEST_BYTES_MAX);
  if (!body.ok) return body;
  const read = readTokenRequest(body.value, config.audiences);
  if (!read.ok) return read;
  who.task = read.value.task;
  const proven = await proveBoth(read.value, env, who);
  if (!proven.ok) return proven;
  const policy = issuerPolicy();
  if (!policy) return refuse({ code: 'policy_unavailable' });
  const { workflow } = read.value;
  return mintCapability({
    ...{ config, policy, request: read.value, ...proven.value },
    workflow: workflow ?? newWorkflowId(),
    held: workflow === undefined ? undefined : await workflowOf(env, workflow).view(),
    now: Date.now(),
  });
}

/** Both tokens verified. The subject of the log is filled in as far as each one was. */
async function proveBoth(
  request: TokenRequest,
  env: IssuerEnv,
  who: Who,
): Promise<Result<{ user: Identity; workload: Identity }, TokenRefusal>> {
  const identity = identityOf(env);
  const workload = await identity.verify(request.actorToken);
  if (!workload.ok) return refuse(identityRefusal('actor_refused', workload.error));
  who.agent = workload.value.qualified;
  const user = await identity.verify(request.subjectToken);
  if (!user.ok) return refuse(identityRefusal('subject_refused', user.error));
  who.subject = user.value.qualified;
  return { ok: true, value: { user: user.value, workload: workload.value } };
}

/** RFC 6749 section 5.1: what holds a token is never stored on the way. */
const answer = (body: unknown, status = 200): Response =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store', pragma: 'no-cache' } });
