import { approvalRoutes } from './approval/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { denialRoutes } from './feed/denial-routes.ts';
import { feedRoutes } from './feed/routes.ts';
import { watermarkRoutes } from './feed/watermark-routes.ts';
import type { IssuerEnv } from './platform/env.ts';
import { requireOperator } from './platform/http.ts';
import { knownQuery } from './platform/known-query.ts';
import { limitSource } from './platform/rate-limiting.ts';
import { createRouter, mountAdmin, mountPublic } from './platform/router.ts';
import { streamRoutes } from './signals/operator-routes.ts';
import { requireSignals, signalRoutes } from './signals/receiver-routes.ts';
import { tokenRoutes } from './token/routes.ts';
import { agentRoutes } from './workflow/agent-routes.ts';
import { workflowRoutes } from './workflow/operator-routes.ts';
import { ruleRoutes } from './workflow/rule-routes.ts';

export { Approvals } from './approval/object.ts';
export { DecisionSink } from './audit/decision-sink.ts';
export { AuditLog } from './audit/object.ts';
export { FeedArchive } from './feed/archive.ts';
export { RevocationLog } from './feed/object.ts';
export type { IssuerEnv } from './platform/env.ts';
export { ReplayStore } from './platform/replay-store.ts';
export { StatusList } from './signals/status-list.ts';
export { SignalStreams } from './signals/streams.ts';
export { Breaker } from './workflow/breaker.ts';
export { Workflow } from './workflow/object.ts';

const router = createRouter();

router
  .all('/token', limitSource('token'))
  .all('/introspect', limitSource('question'))
  .all('/revoke', limitSource('question'))
  .all('/workflows/*', limitSource('question'))
  .all('/feed/*', limitSource('question'))
  .all('/status/*', limitSource('question'))
  .all('/ssf/*', limitSource('question'))
  .post('/introspect', knownQuery)
  .post('/revoke', knownQuery)
  .post('/workflows/*', knownQuery)
  .all('/feed/*', knownQuery)
  .all('/status/*', knownQuery)
  .all('/status/*', requireSignals)
  .all('/ssf/*', requireSignals, knownQuery)
  .all('/.well-known/ssf-configuration', requireSignals)
  // No rate limit: an operator must be able to stop a workflow during a flood.
  .all('/admin/*', requireOperator, knownQuery)
  .all('/admin/v1/streams*', requireSignals);

mountPublic(router, {
  token: tokenRoutes,
  workflow: agentRoutes,
  feed: feedRoutes,
  signals: signalRoutes,
});

mountAdmin(router, {
  workflows: workflowRoutes,
  rules: ruleRoutes,
  approvals: approvalRoutes,
  watermarks: watermarkRoutes,
  denials: denialRoutes,
  audit: auditRoutes,
  streams: streamRoutes,
});

export default {
  fetch: (request: Request, env: IssuerEnv, ctx: ExecutionContext) =>
    router.fetch(request as never, env, ctx),
} satisfies ExportedHandler<IssuerEnv>;
