import { CONTROL_LOG, DECISION_LOGS } from '../../../../src/audit/index.ts';
import type { DecisionSink } from '../../../../workers/issuer/objects.ts';
import type { Condition, TransparencyLog } from '../issuer/index.ts';
import { SINK_METHODS, type SinkMethod } from '../sink-methods.ts';

/** Every log that records are appended to. */
const LOGS = [CONTROL_LOG, ...DECISION_LOGS];

interface Env {
  readonly ISSUER: Fetcher;
  readonly SINK: Service<DecisionSink>;
  readonly LOG: DurableObjectNamespace<TransparencyLog>;
}

/**
 * Runs alongside the issuer and receives what the wire carries for it. A call of its RPC entrypoint is
 * a POST with the arguments, because a service binding does not leave its process. A test breaks
 * the logs with `POST /condition/<condition>`.
 */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/condition/')) {
      const condition = pathname.slice(11) as Condition;
      await Promise.all(LOGS.map((log) => env.LOG.getByName(log).put(condition)));
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
