import { WorkerEntrypoint } from 'cloudflare:workers';
import { Router } from 'itty-router';
import { type DecisionRecord, readDecisionRecord } from '../../src/audit/index.ts';
import { RECORD_BYTES_MAX, RECORDS_PER_BATCH_MAX } from '../../src/limits.ts';
import {
  armRule,
  requireOperator,
  resumeWorkflow,
  revokeBlock,
  revokeWorkflow,
  showAudit,
  showRules,
  showWorkflow,
  suspendWorkflow,
} from './admin.ts';
import { decideApproval, listApprovals, showApproval } from './admin-approvals.ts';
import { auditLog, type IssuerEnv } from './config.ts';
import { completeWorkflow, failWorkflow } from './ending.ts';
import { feedDelta, feedHead, feedSnapshot } from './feed.ts';
import { authorizationServerMetadata, jwks } from './metadata.ts';
import { tokenEndpoint } from './token/endpoint.ts';
import { introspectionEndpoint } from './token/introspect.ts';
import { revocationEndpoint } from './token/revoke.ts';

export { Approvals } from './objects/approvals.ts';
export { AuditLog } from './objects/audit-log.ts';
export { Breaker } from './objects/breaker.ts';
export { FeedArchive } from './objects/feed-archive.ts';
export { ReplayStore } from './objects/replay-store.ts';
export { RevocationLog } from './objects/revocation-log.ts';
export { Workflow } from './objects/workflow.ts';

// itty-router's own `catch` spreads whatever was thrown into the body; this one tells nothing.
const router = Router<never, [IssuerEnv, ExecutionContext], Response>({
  catch: (error: unknown) => {
    console.error({
      event: 'unhandled',
      error: error instanceof Error ? error.stack : typeof error,
    });
    return Response.json({ error: 'internal' }, { status: 500 });
  },
  finally: [(response) => response ?? Response.json({ error: 'not_found' }, { status: 404 })],
});

router
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
  .all('/admin/*', requireOperator)
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
  .get('/admin/v1/audit', showAudit);

export default {
  fetch: (request: Request, env: IssuerEnv, ctx: ExecutionContext) =>
    router.fetch(request as never, env, ctx),
} satisfies ExportedHandler<IssuerEnv>;

/**
 * Where verifiers of this account leave their decision records, over a service binding and never
 * the public network. It takes decisions alone: a verifier cannot write a mint or a revocation.
 */
export class DecisionSink extends WorkerEntrypoint<IssuerEnv> {
  async append(batch: readonly unknown[]): Promise<{ written: number }> {
    const records = batch
      .slice(0, RECORDS_PER_BATCH_MAX)
      .filter((record) => JSON.stringify(record).length <= RECORD_BYTES_MAX)
      .map(readDecisionRecord)
      .filter((record): record is DecisionRecord => record !== undefined);
    if (records.length < batch.length) {
      console.error({ event: 'records.refused', count: batch.length - records.length });
    }
    await auditLog(this.env).append(records);
    return { written: records.length };
  }
}
