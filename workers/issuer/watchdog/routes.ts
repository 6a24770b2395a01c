import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { watchdog } from '../platform/env.ts';

export const drillRoutes = bindAdmin(ADMIN_API.drill, {
  showDrill: async ({ query: { limit } }, { env }) => {
    const { everySeconds, boundMilliseconds, runs } = await watchdog(env).drill(limit);
    return ok({
      ...(everySeconds !== undefined && { every_seconds: everySeconds }),
      bound_ms: boundMilliseconds,
      runs: runs.map(({ at, epoch, seq, inFeedMilliseconds, milliseconds, ...run }) => ({
        at: new Date(at).toISOString(),
        ...(epoch !== undefined && { epoch }),
        ...(seq !== undefined && { seq }),
        ...(inFeedMilliseconds !== undefined && { in_feed_ms: inFeedMilliseconds }),
        ...(milliseconds !== undefined && { ms: milliseconds }),
        ...run,
        late: [...run.late],
        silent: [...run.silent],
      })),
    });
  },
});

export const notificationRoutes = bindAdmin(ADMIN_API.notifications, {
  listTargets: async (_input, { env }) => {
    const targets = await watchdog(env).targets();
    return ok({
      targets: targets.map(({ deliveredAt, events, ...target }) => ({
        ...target,
        events: [...events],
        ...(deliveredAt !== undefined && { delivered_at: new Date(deliveredAt).toISOString() }),
      })),
    });
  },

  testTarget: async ({ params: { name } }, { env }) =>
    (await watchdog(env).sendTest(name)) ? ok(undefined) : refuse({ code: 'target_unknown' }),
});
