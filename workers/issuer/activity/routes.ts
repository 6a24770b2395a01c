import { readClock, readSeconds } from '../../../src/clock.ts';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { ok } from '../../../src/result.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { activity } from '../platform/env.ts';
import { compareWithLogs } from './compare.ts';
import { describeAsOf, describeWorkflow } from './describe.ts';
import { moveMany } from './move-many.ts';
import { readTimeline } from './timeline.ts';
import { readTokens } from './tokens.ts';

const POINTS_DEFAULT = 60;

export const activityRoutes = bindAdmin(ADMIN_API.activity, {
  listChanges: async ({ query: { after, workflow, ...filter } }, { env }) => {
    const [epoch = 0, seq = 0] = (after ?? '').split('.').map(Number);
    const changes = await activity(env).changes(
      after === undefined ? undefined : { epoch, seq },
      filter,
      workflow,
    );
    if (!changes) return ok(undefined);
    const { matching, others, topics, isReload, counts, questions, asOf } = changes;
    const now = readClock();
    return ok({
      workflows: matching.map((one) => describeWorkflow(one, now)),
      others,
      topics,
      reload: isReload,
      counts,
      approvals: questions,
      next: `${asOf.epoch}.${asOf.seq}`,
      as_of: describeAsOf(asOf),
    });
  },

  showSeries: async ({ query: { step, since } }, { env }) => {
    const from = since ?? readSeconds() - step * (POINTS_DEFAULT - 1);
    const { points, asOf } = await activity(env).series(step, from);
    return ok({
      points: points.map(({ at, calls, denials, mints }) => [at, calls, denials, mints] as const),
      as_of: describeAsOf(asOf),
    });
  },

  listWorkflowRecords: ({ params: { id }, query: { cursor } }, { env }) =>
    readTimeline(env, id, cursor),

  listTokens: ({ params: { id } }, { env }) => readTokens(env, id),

  compareActivity: async ({ query: { after } }, { env }) => ok(await compareWithLogs(env, after)),

  rebuildActivity: async (_input, { env }) =>
    ok({ as_of: describeAsOf(await activity(env).rebuild()) }),
});

export const selectorRoutes = bindAdmin(ADMIN_API.selectors, {
  suspendMany: ({ body }, context) => moveMany('suspend', body, context),
  resumeMany: ({ body }, context) => moveMany('resume', body, context),
  revokeMany: ({ body }, context) => moveMany('revoke', body, context),
});
