import { readClock } from '../../../src/clock.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { requireApproval } from '../approval/require.ts';
import type { DeniedRefusal } from '../feed/denial.ts';
import { type IssuerEnv, readConfig, workflowOf } from '../platform/config.ts';
import { readForm } from '../platform/form.ts';
import { limitAgent } from '../platform/rates.ts';
import { newChildId, newWorkflowId } from '../workflow/id.ts';
import { grantsAboveOf, openParent } from './child.ts';
import { type Asker, mayBeDenied, readDenied, recordAndAdmit } from './denied.ts';
import {
  type ApprovalRequired,
  type Mint,
  type MintInput,
  mintCapability,
  refusalRecord,
} from './mint.ts';
import { proveParties, type Who } from './parties.ts';
import { issuerPolicy } from './policy.ts';
import { readProof, useProof } from './proof.ts';

import { type TokenRefusal, toWire } from './refusal.ts';
import { ACCESS_TOKEN_TYPE, readTokenRequest, TASK_DETAIL_TYPE } from './request.ts';
import { isWritten } from './written.ts';

/** `POST /token`: RFC 8693 token exchange of a user's and a workload's token for a capability. */
export async function tokenEndpoint(
  request: Request,
  env: IssuerEnv,
  ctx: ExecutionContext,
): Promise<Response> {
  const who: Who = {};
  const minted = await exchange(request, env, who);
  const nonce = await nonceOf(env);
  const refused = (refusal: TokenRefusal): Response => {
    const { status, error, description, challenge, retryAfterSeconds, members } = toWire(refusal);
    const stamp = { id: `refusal.${crypto.randomUUID()}`, at: readClock() };
    const record = refusalRecord(refusal, error, stamp, who);
    const unlisted = 'unlisted' in refusal && { unlisted: refusal.unlisted };
    if (refusal.code !== 'rate_limited') {
      console.log({ ...record, ...unlisted, event: 'token.refused' });
    }
    // Who polls is not refused: the question is in the log, and so will be what becomes of it.
    // A flood is counted (`rate.limited`) and not stored.
    const isRecorded = !('interval' in refusal) && refusal.code !== 'rate_limited';
    if (isRecorded) ctx.waitUntil(isWritten(env, record));
    const response = answer({ error, error_description: description, ...members }, status, nonce);
    if (challenge !== undefined) response.headers.set('www-authenticate', challenge);
    if (retryAfterSeconds !== undefined) {
      response.headers.set('retry-after', String(retryAfterSeconds));
    }
    return response;
  };
  if (!minted.ok) return refused(minted.error);
  const { mint, without } = minted.value;
  // A child's share may be refused; asked beforehand, so that a flood of those fills no log.
  const { parent, id } = mint.start;
  const may = parent === undefined ? ok(null) : await workflowOf(env, id).mayBegin(mint.start);
  if (!may.ok) return refused(may.error);
  const admitted = await recordAndAdmit(env, mint, without);
  if (!admitted.ok) return refused(admitted.error);
  const { token, record, start } = admitted.value;
  // Asked last: between the record and this answer the workflow may have been revoked.
  if (admitted.value.continues) {
    const { stepUp } = admitted.value;
    const continued = await workflowOf(env, start.id).continue({ ...start, stepUp });
    if (!continued.ok) return refused(continued.error);
  } else {
    const begun = await workflowOf(env, start.id).begin(start);
    if (!begun.ok) {
      const { error } = begun;
      if (error.code === 'workflow_exists') throw new Error('a fresh workflow id was in use');
      return refused(error);
    }
  }
  const granted = {
    access_token: token,
    issued_token_type: ACCESS_TOKEN_TYPE,
    token_type: record.holder === undefined ? 'Bearer' : 'DPoP',
    expires_in: start.expires - start.startedAt,
    ...(admitted.value.scope !== undefined && { scope: admitted.value.scope }),
    authorization_details: [
      {
        type: TASK_DETAIL_TYPE,
        workflow: start.id,
        task: start.task,
        grants: start.grants,
      },
    ],
  };
  return answer(granted, 200, await nonceOf(env));
}

async function exchange(
  request: Request,
  env: IssuerEnv,
  who: Who,
): Promise<Result<Signed, TokenRefusal>> {
  const config = readConfig(env);
  // What stands there is a secret (RFC 6749 section 2.3.1), or nothing that is known here.
  if (request.headers.has('authorization')) return refuse({ code: 'client_header_refused' });
  const form = await readForm(request);
  if (!form.ok) return form;
  const read = readTokenRequest(form.value, config.audiences);
  if (!read.ok) return read;
  const { workflow, task, audience, grants } = read.value;
  Object.assign(who, { task, asked: { audience, grants } });
  const proof = await readProof(request, env);
  if (!proof.ok) return proof;
  const proven = await proveParties(read.value, env, who);
  if (!proven.ok) return proven;
  const paced = await limitAgent(env, proven.value.workload.qualified);
  if (!paced.ok) return refuse({ code: 'rate_limited', of: 'agent', ...paced.error });
  const used = proof.value ? await useProof(proof.value, env) : ok(null);
  if (!used.ok) return used;
  const policy = issuerPolicy();
  if (!policy) return refuse({ code: 'policy_unavailable' });
  const holder = proof.value?.thumbprint;
  const parent =
    read.value.parent === undefined
      ? ok(undefined)
      : await openParent(env, read.value.parent, holder);
  if (!parent.ok) return parent;
  const below = parent.value?.view.id;
  const input: MintInput = {
    config,
    policy,
    request: read.value,
    ...proven.value,
    parent: parent.value,
    ...(holder !== undefined && { holder }),
    workflow: workflow ?? (below === undefined ? newWorkflowId(config.shards) : newChildId(below)),
    above: await grantsAboveOf(env, workflow),
    held: workflow === undefined ? undefined : await workflowOf(env, workflow).view(workflow),
    now: readClock(),
  };
  return mintOrAsk(input, env);
}

/** What was signed, and how it is signed anew where a tool turns out to be denied. */
interface Signed {
  readonly mint: Mint;
  readonly without: (tools: readonly string[]) => Result<Mint, DeniedRefusal>;
}

/** Signs, or asks a person first; what is known to be denied is left out of both. */
async function mintOrAsk(draft: MintInput, env: IssuerEnv): Promise<Result<Signed, TokenRefusal>> {
  const drafted = mintCapability(draft);
  const isAsking = !drafted.ok && drafted.error.code === 'approval_required';
  if (!drafted.ok && !isAsking) return refuse(refusalOf(drafted.error));
  // A person is asked for nothing that would then not be minted.
  const isRead = isAsking || mayBeDenied(env);
  const denied = isRead ? await readDenied(env, askerOf(drafted)) : ok([]);
  if (!denied.ok) return denied;
  const input = { ...draft, denied: denied.value };
  const minted = denied.value.length === 0 ? drafted : mintCapability(input);
  if (minted.ok) {
    const without = (tools: readonly string[]) => {
      const again = mintCapability({ ...input, denied: [...denied.value, ...tools] });
      return again.ok ? again : deniedTool;
    };
    return ok({ mint: minted.value, without });
  }
  if (minted.error.code !== 'approval_required') return refuse(minted.error);
  // The answer is used up here: of what follows nothing is refused but by the workflow's own word,
  // and by an operator's denial.
  const approval = await requireApproval(minted.error.question, draft.request.approval, env);
  if (!approval.ok) return approval;
  const approved = mintCapability({ ...input, approval: approval.value });
  // The person has approved this very question: with a tool fewer it would be another one.
  if (approved.ok) return ok({ mint: approved.value, without: () => deniedTool });
  return refuse(refusalOf(approved.error));
}

const deniedTool = refuse({ code: 'denied_by_operator', cause: 'tool' } as const);

function askerOf(drafted: ReturnType<typeof mintCapability>): Asker {
  if (drafted.ok) return drafted.value.start;
  if (drafted.error.code === 'approval_required') return drafted.error.question;
  throw new Error('a refused request asks for nothing');
}

function refusalOf(error: TokenRefusal | ApprovalRequired): TokenRefusal {
  if (error.code === 'approval_required') throw new Error('one request makes two questions');
  return error;
}

/** The nonce for the caller's next proof (RFC 9449 section 8.2), where nonces are asked for. */
const nonceOf = async (env: IssuerEnv): Promise<string | undefined> =>
  readConfig(env).nonces?.issue(readClock());

/** RFC 6749 section 5.1: what holds a token is never stored on the way. */
function answer(body: unknown, status: number, nonce: string | undefined): Response {
  const headers = new Headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
  if (nonce !== undefined) headers.set('dpop-nonce', nonce);
  return Response.json(body, { status, headers });
}
