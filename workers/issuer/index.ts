import { Router } from 'itty-router';
import { ConfigurationFault } from '../../src/configuration-fault.ts';
import { decideApproval, listApprovals, showApproval } from './approval/routes.ts';
import { showAudit } from './audit/routes.ts';
import { addDenial, liftDenial, listDenials } from './feed/denial-routes.ts';
import { feedConfirm, feedDelta, feedHead, feedSnapshot, feedSubscribe } from './feed/routes.ts';
import { addWatermark, listWatermarks, withdrawWatermark } from './feed/watermark-routes.ts';
import type { IssuerEnv } from './platform/config.ts';
import { requireOperator } from './platform/http.ts';
import { knownQuery } from './platform/query.ts';
import { limitSource } from './platform/rates.ts';
import {
  createStream,
  listStreams,
  removeStream,
  setStreamStatus,
  verifyStreamByOperator,
} from './signals/operator-routes.ts';
import {
  pollStream,
  readStream,
  readStreamStatus,
  requireSignals,
  ssfConfiguration,
  statusListToken,
  verifyStream,
} from './signals/receiver-routes.ts';
import { tokenEndpoint } from './token/endpoint.ts';
import { introspectionEndpoint } from './token/introspect.ts';
import { authorizationServerMetadata, jwks } from './token/metadata.ts';
import { revocationEndpoint } from './token/revoke.ts';
import { completeWorkflow, failWorkflow } from './workflow/agent-routes.ts';
import {
  resumeWorkflow,
  revokeBlock,
  revokeWorkflow,
  showWorkflow,
  suspendWorkflow,
} from './workflow/operator-routes.ts';
import { armRule, showRules } from './workflow/rule-routes.ts';

export { Approvals } from './approval/object.ts';
export { AuditLog } from './audit/object.ts';
export { FeedArchive } from './feed/archive.ts';
export { RevocationLog } from './feed/object.ts';
export { ReplayStore } from './platform/replay-store.ts';
export { StatusList } from './signals/status-list.ts';
export { SignalStreams } from './signals/streams.ts';
export { Breaker } from './workflow/breaker.ts';
export { Workflow } from './workflow/object.ts';

// itty-router's own `catch` spreads whatever was thrown into the body; this one tells nothing.
const router = Router<never, [IssuerEnv, ExecutionContext], Response>({
  catch: (error: unknown) => {
    if (error instanceof ConfigurationFault) {
      const { variable, message } = error;
      console.error({ event: 'misconfigured', variable, message });
      const told = 'The configuration of this issuer is invalid. Its log names the variable.';
      return Response.json({ error: 'misconfigured', message: told }, { status: 500 });
    }
    console.error({
      event: 'unhandled',
      error: error instanceof Error ? error.stack : typeof error,
    });
    return Response.json({ error: 'internal' }, { status: 500 });
  },
  finally: [(response) => response ?? Response.json({ error: 'not_found' }, { status: 404 })],
});

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
  .post('/token', tokenEndpoint)
  .post('/introspect', introspectionEndpoint)
  .post('/revoke', revocationEndpoint)
  .post('/workflows/v1/:id/complete', completeWorkflow)
  .post('/workflows/v1/:id/fail', failWorkflow)
  .get('/.well-known/oauth-authorization-server', (_request, env) =>
    authorizationServerMetadata(env),
  )
  .get('/.well-known/jwks.json', (_request, env) => jwks(env))
  .get('/feed/v2/:shard/head', feedHead)
  .get('/feed/v2/:shard/:epoch/deltas/:range', feedDelta)
  .get('/feed/v2/:shard/:epoch/snapshots/:name', feedSnapshot)
  .get('/feed/v2/:shard/subscribe', feedSubscribe)
  .post('/feed/v2/:shard/confirm', feedConfirm)
  .all('/admin/*', requireOperator, knownQuery)
  .get('/admin/v1/workflows/:id', showWorkflow)
  .post('/admin/v1/workflows/:id/revoke', revokeWorkflow)
  .post('/admin/v1/workflows/:id/suspend', suspendWorkflow)
  .post('/admin/v1/workflows/:id/resume', resumeWorkflow)
  .get('/admin/v1/rules', showRules)
  .post('/admin/v1/rules/:rule/arm', armRule)
  .post('/admin/v1/workflows/:id/blocks/:block/revoke', revokeBlock)
  .get('/admin/v1/approvals', listApprovals)
  .get('/admin/v1/approvals/:id', showApproval)
  .post('/admin/v1/approvals/:id', decideApproval)
  .get('/admin/v1/watermarks', listWatermarks)
  .post('/admin/v1/watermarks', addWatermark)
  .post('/admin/v1/watermarks/withdraw', withdrawWatermark)
  .get('/admin/v1/denials', listDenials)
  .post('/admin/v1/denials', addDenial)
  .post('/admin/v1/denials/lift', liftDenial)
  .get('/admin/v1/audit', showAudit)
  .all('/admin/v1/streams*', requireSignals)
  .get('/admin/v1/streams', listStreams)
  .post('/admin/v1/streams', createStream)
  .delete('/admin/v1/streams/:id', removeStream)
  .post('/admin/v1/streams/:id/status', setStreamStatus)
  .post('/admin/v1/streams/:id/verify', verifyStreamByOperator)
  .get('/status/v1/:list', requireSignals, statusListToken)
  .get('/.well-known/ssf-configuration', requireSignals, ssfConfiguration)
  .all('/ssf/*', requireSignals, knownQuery)
  .post('/ssf/v1/poll/:stream', pollStream)
  .get('/ssf/v1/stream', readStream)
  .get('/ssf/v1/status', readStreamStatus)
  .post('/ssf/v1/verify', verifyStream);

export default {
  fetch: (request: Request, env: IssuerEnv, ctx: ExecutionContext) =>
    router.fetch(request as never, env, ctx),
} satisfies ExportedHandler<IssuerEnv>;

export { DecisionSink } from './audit/decision-sink.ts';
