import type { DecisionSink } from '../../../../workers/issuer/objects.ts';
import type { AuditLog, Condition } from '../issuer/index.ts';
import { SINK_METHODS, type SinkMethod } from '../sink-methods.ts';

interface Env {
  readonly ISSUER: Fetcher;
  readonly SINK: Service<DecisionSink>;
  readonly AUDIT_LOG: DurableObjectNamespace<AuditLog>;
}

/**
 * Runs alongside the issuer and receives what the wire carries for it. A call of its RPC entrypoint is
 * a POST with the arguments, because a service binding does not leave its process. A test breaks
 * the audit log with `POST /condition/<condition>`.
 */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/condition/')) {
      await env.AUDIT_LOG.getByName('default').put(pathname.slice(11) as Condition);
      return new Response(null, { status: 204 });
    }
    const method = pathname.startsWith('/rpc/') ? pathname.slice(5) : undefined;
    if (method === undefined) return env.ISSUER.fetch(request);
    if (!(SINK_METHODS as readonly string[]).includes(method)) {
      return new Response(null, { status: 404 });
    }
    const sink = env.SINK as unknown as Record<SinkMethod, (...args: unknown[]) => unknown>;
    try {
      const value = await sink[method as SinkMethod](...((await request.json()) as unknown[]));
      return Response.json({ value });
    } catch (error) {
      return Response.json({ error: String(error) }, { status: 500 });
    }
  },
};
