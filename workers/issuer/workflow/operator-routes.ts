import { readClock, type UnixSeconds } from '../../../src/clock.ts';
import { ADMIN_API, type Refusal } from '../../../src/issuer-api/index.ts';
import type { TransitionRefused } from '../../../src/lifecycle/index.ts';
import { STOP_RETRY_MILLISECONDS_MIN } from '../../../src/limits.ts';
import { ok, refuse } from '../../../src/result.ts';
import { type Effect, reachOf, waitForEffect } from '../feed/effect.ts';
import { requireScope } from '../operators/scope.ts';
import type { AdminContext } from '../platform/admin-context.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { type IssuerEnv, workflowOf } from '../platform/env.ts';
import type { NotInForce, RevokeCommand, WorkflowUnknown } from './binding.ts';
import { withUses } from './grant-uses.ts';
import { describeHistory } from './history-uses.ts';
import { shardOfWorkflow } from './id.ts';
import { listWorkflows } from './list.ts';
import { mayExist } from './may-exist.ts';
import { aboutOwnerOf } from './owner.ts';
import { reportStanding } from './standing.ts';

export const workflowRoutes = bindAdmin(ADMIN_API.workflows, {
  listWorkflows: async ({ query }, { env }) => ok(await listWorkflows(env, query, readClock())),

  showWorkflow: async ({ params: { id } }, { env }) => {
    const view = (await mayExist(env, id, 'operator'))
      ? await workflowOf(env, id).view(id)
      : undefined;
    if (!view) return refuse({ code: 'workflow_unknown' });
    const { standing, id: _, pauseSeconds: __, mintDigest: ___, prompt, ...facts } = view;
    const { ordered, inForce, tokensEnd, entry } = standing;
    const [reach, used, history] = await Promise.all([
      entry && reachOf(env, { shard: shardOfWorkflow(id), ...entry }),
      withUses(env, view.agent, view.grants),
      describeHistory(env, view),
    ]);
    const described = reportStanding({ ordered, inForce, tokensEnd, reach }, readClock());
    const stated = prompt && { prompt: prompt.text };
    const bounded = history.length > 0 && { history };
    return ok({
      id,
      ...facts,
      ...stated,
      ...used,
      ...bounded,
      ...described,
      ...(entry && { entry }),
    });
  },

  revokeWorkflow: ({ params: { id }, query, body }, context) =>
    revoke({ id, ...toRequest(body), waitSeconds: query.wait }, context),

  // A revoked block kills everything that was narrowed from it; the workflow stays alive.
  revokeBlock: async ({ params: { id, block }, query, body }, context) => {
    const request = { id, ...toRequest(body), block, waitSeconds: query.wait };
    const revoked = await revoke(request, context);
    return revoked.ok ? ok({ block, ...revoked.value }) : revoked;
  },

  suspendWorkflow: async ({ params: { id }, query, body }, context) => {
    const { env, actor, via } = context;
    const by = { by: 'operator', actor, via } as const;
    const command = { move: 'suspend', ...by, reason: body.reason } as const;
    if (!(await mayExist(env, id, 'operator'))) return refuse({ code: 'workflow_unknown' });
    const scope = await requireScope(context, 'suspend', () => aboutOwnerOf(env, id));
    if (!scope.ok) return scope;
    const transition = await workflowOf(env, id).move(id, command);
    if (!transition.ok) return refuse(refusalOf(transition.error));
    const { expires, ...done } = transition.value;
    const { epoch, seq } = done;
    // A workflow that no token was minted for has nothing to stop, so nothing was written.
    if (epoch === undefined || seq === undefined) return ok({ workflow: id, ...done });
    const place = { id, epoch, seq, expires, waitSeconds: query.wait };
    return ok({ workflow: id, ...done, ...(await effectOnWorkflow(env, place)) });
  },

  // With another generation: what was handed out before the suspension stays dead.
  resumeWorkflow: async ({ params: { id }, body }, context) => {
    const { env, actor, via } = context;
    const by = { by: 'operator', actor, via } as const;
    const command = { move: 'resume', ...by, reason: body.reason } as const;
    if (!(await mayExist(env, id, 'operator'))) return refuse({ code: 'workflow_unknown' });
    const scope = await requireScope(context, 'resume', () => aboutOwnerOf(env, id));
    if (!scope.ok) return scope;
    const transition = await workflowOf(env, id).move(id, command);
    if (!transition.ok) return refuse(refusalOf(transition.error));
    const { expires: _, ...done } = transition.value;
    return ok({ workflow: id, ...done });
  },
});

interface Revocation extends Omit<RevokeCommand, 'actor' | 'via'> {
  readonly id: string;
  readonly waitSeconds: number;
}

async function revoke({ id, waitSeconds, ...request }: Revocation, context: AdminContext) {
  const { env, actor, via } = context;
  // What takes power is done for any id that the operator insists on.
  const mayTouch = request.evenUnknown || (await mayExist(env, id, 'operator'));
  if (!mayTouch) return refuse({ code: 'workflow_unknown' } as const);
  const scope = await requireScope(context, 'revoke', () => aboutOwnerOf(env, id));
  if (!scope.ok) return scope;
  const revoked = await workflowOf(env, id).revoke(id, { actor, via, ...request });
  if (!revoked.ok) return refuse(refusalOf(revoked.error));
  const { expires, archived, recorded, ...place } = revoked.value;
  const effect = await effectOnWorkflow(env, { id, ...place, expires, waitSeconds });
  return ok({ workflow: id, ...place, archived, recorded, ...effect });
}

const toRequest = (body: {
  readonly reason: string;
  readonly even_unknown?: true | undefined;
}): Pick<RevokeCommand, 'reason' | 'evenUnknown'> => ({
  reason: body.reason,
  ...(body.even_unknown && { evenUnknown: body.even_unknown }),
});

const RETRY_AFTER_SECONDS = STOP_RETRY_MILLISECONDS_MIN / 1000;

function refusalOf<Error extends WorkflowUnknown | TransitionRefused | NotInForce>(
  error: Error,
): Refusal<Error['code']>;
function refusalOf(error: WorkflowUnknown | TransitionRefused | NotInForce): Refusal {
  switch (error.code) {
    case 'workflow_unknown':
      return { code: error.code };
    case 'move_refused':
      return { code: error.code, message: `The workflow is ${error.state}.` };
    case 'feed_unavailable':
    case 'audit_unavailable':
      return { code: error.code, retryAfterSeconds: RETRY_AFTER_SECONDS };
  }
}

interface StopPlace {
  readonly id: string;
  readonly epoch: number;
  readonly seq: number;
  readonly expires?: UnixSeconds | undefined;
  readonly waitSeconds: number;
}

/** By when the stop is enforced, and which verifiers have it. */
const effectOnWorkflow = (env: IssuerEnv, { id, ...place }: StopPlace): Promise<Effect> =>
  waitForEffect(env, { shard: shardOfWorkflow(id), ...place });
