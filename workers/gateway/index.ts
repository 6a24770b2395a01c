import { Router } from 'itty-router';
import { ConfigurationFault } from '../../src/configuration-fault.ts';
import { answerAlive } from '../../src/health/index.ts';
import { expecting, type Members, optional, readOptions } from '../../src/options.ts';
import { report } from '../../src/report.ts';
import { resourceMetadata } from '../../src/verifier/index.ts';
import { serveRequest } from './call/serve.ts';
import type { Transport } from './call/transport.ts';
import { type GatewayEnv, parseConfig } from './config.ts';
import { type Gateway, gatewayPerIsolate } from './gateway.ts';
import { createReadyRoute } from './health.ts';
import { httpTransport } from './http/transport.ts';
import { createJwksRoute } from './jwks.ts';
import { isOfSession } from './mcp/session-requests.ts';
import { mcpTransport } from './mcp/transport.ts';
import { answerPreflight, originOf, readableBy } from './origin.ts';

export type { GatewayEnv };

/** What a deployment's gateway describes calls by. */
export interface GatewaySources {
  /**
   * The text of a tool catalogue, in TOML. In force while the issuer's feed names none, and not
   * fetched if the feed names this one. Without it, the gateway fetches what the feed names.
   */
  readonly catalogue?: string;
}

/** The default export of the gateway's entry file. */
export interface GatewayWorker {
  readonly fetch: (request: Request, env: GatewayEnv, ctx: ExecutionContext) => Promise<Response>;
}

const SOURCES: Members<GatewaySources> = {
  catalogue: optional(expecting('a string', (value) => typeof value === 'string')),
};

/**
 * Returns the gateway of a deployment, for the entry file of its Worker to export as default.
 *
 * It judges every call by the catalogue that the issuer's feed names, and fetches it from the
 * issuer. A catalogue of its own is only needed while the feed names none.
 *
 * Throws a `TypeError` if the catalogue is not a string. With a catalogue that does not load, the
 * gateway forwards nothing: it answers 503, `/readyz` names the catalogue, and the log has the
 * reason as `misconfigured`.
 *
 * @example The entry file
 * ```ts
 * import { createGateway } from 'hewn/gateway';
 *
 * export default createGateway();
 * ```
 */
export function createGateway(sources: GatewaySources = {}): GatewayWorker {
  const { catalogue } = readOptions(sources, 'createGateway', SOURCES);
  const gatewayFor = gatewayPerIsolate(catalogue);
  const mcp = serve(gatewayFor, mcpTransport);
  const http = serve(gatewayFor, httpTransport);
  const preflight = async (request: Request, env: GatewayEnv): Promise<Response> => {
    const { config } = await gatewayFor(env);
    return answerPreflight(request, originOf(request, config.origins)) ?? notAllowed();
  };
  const router = createRouter();

  router
    .get('/healthz', answerAlive)
    .get('/readyz', createReadyRoute(gatewayFor))
    .get('/.well-known/jwks.json', createJwksRoute(gatewayFor))
    .get('/.well-known/oauth-protected-resource', describeResource)
    .get('/.well-known/oauth-protected-resource/mcp/:server', describeResource)
    .get('/.well-known/oauth-protected-resource/http/:server', describeResource)
    .options('/http/:server/*', preflight)
    .all('/http/:server', http)
    .all('/http/:server/*', http)
    .post('/mcp/:server', mcp)
    .get('/mcp/:server', (...request) => (isOfSession(request[0]) ? mcp(...request) : notAllowed()))
    .delete('/mcp/:server', (...request) =>
      isOfSession(request[0]) ? mcp(...request) : notAllowed(),
    )
    .options('/mcp/:server', preflight)
    .all('/mcp/:server', notAllowed);

  return { fetch: (request, env, ctx) => router.fetch(request as never, env, ctx) };
}

const notAllowed = (): Response => new Response(null, { status: 405, headers: { allow: 'POST' } });

const createRouter = () =>
  // itty-router's own `catch` copies whatever was thrown into the body; this one reveals nothing.
  Router<never, [GatewayEnv, ExecutionContext], Response>({
    catch: (error: unknown) => {
      if (error instanceof ConfigurationFault) {
        const { variable, message } = error;
        report('misconfigured', { code: variable, variable, message });
        const hint =
          'The configuration of this gateway is invalid. GET /readyz names the variable.';
        return Response.json({ error: 'misconfigured', message: hint }, { status: 503 });
      }
      report('unhandled', { error: error instanceof Error ? error.stack : typeof error });
      return Response.json({ error: 'internal' }, { status: 500 });
    },
    finally: [(response) => response ?? Response.json({ error: 'not_found' }, { status: 404 })],
  });

// One document for the gateway and every server behind it, whether a server of that name exists or
// not: the servers share one audience, and a caller without a token must not learn their names.
const describeResource = (_request: Request, env: GatewayEnv): Response => {
  const { audience, issuer } = parseConfig(env);
  return resourceMetadata({ resource: audience, authorizationServers: [issuer] });
};

type ServerRequest = Request & { readonly params: { readonly server: string } };

/** Serves the requests of a route in the protocol of a transport. */
const serve =
  (
    gatewayFor: (env: GatewayEnv) => Promise<Gateway>,
    transportTo: (gateway: Gateway, server: string) => Transport,
  ) =>
  async (request: ServerRequest, env: GatewayEnv, ctx: ExecutionContext): Promise<Response> => {
    const gateway = await gatewayFor(env);
    const transport = transportTo(gateway, request.params.server);
    const from = originOf(request, gateway.config.origins);
    if (from.kind === 'denied') return transport.denyUnread({ code: 'origin_denied' });
    const preflight = answerPreflight(request, from);
    if (preflight) return preflight;
    const response = await serveRequest(gateway, transport, request, (work) => ctx.waitUntil(work));
    return readableBy(response, from);
  };
