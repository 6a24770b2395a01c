import { Router } from 'itty-router';
import {
  resourceMetadata,
  resourceMetadataUrl,
  scopeParameter,
  withNonce,
  withResourceMetadata,
} from '../../src/verifier/index.ts';
import { recordOf } from './account.ts';
import { type GatewayConfig, type GatewayEnv, parseConfig } from './config.ts';
import { type Edge, edgeOf } from './edge.ts';
import { type Handled, handleMessage } from './mcp.ts';

// itty-router's own `catch` spreads whatever was thrown into the body; this one tells nothing.
const router = Router<never, [GatewayEnv, ExecutionContext], Response>({
  catch: (error: unknown) => {
    console.error({
      event: 'unhandled',
      error: error instanceof Error ? error.stack : typeof error,
    });
    return Response.json({ error: 'internal' }, { status: 500 });
  },
  finally: [(response) => response ?? Response.json({ error: 'not_found' }, { status: 404 })],
});

// One document for the gateway and each server behind it, whether there is one by that name or not:
// the servers have one audience, and who brings no token learns nothing of them.
const describeResource = (_request: Request, env: GatewayEnv): Response => {
  const { audience, issuer } = parseConfig(env);
  return resourceMetadata({ resource: audience, authorizationServers: [issuer] });
};

router
  .get('/.well-known/oauth-protected-resource', describeResource)
  .get('/.well-known/oauth-protected-resource/mcp/:server', describeResource)
  .post('/mcp/:server', async (request: Request & { params: { server: string } }, env, ctx) => {
    const edge = await edgeOf(env);
    const handled = await handleMessage(edge, request.params.server, request);
    ctx.waitUntil(afterwards(edge, handled));
    const stepped = challengeStepUp(edge.config, handled);
    const response = withResourceMetadata(stepped, resourceMetadataUrl(edge.config.audience));
    return withNonce(response, await edge.verifier.nonce());
  })
  // No stream is held open and no session is kept: each message stands for itself.
  .all('/mcp/:server', () => new Response(null, { status: 405, headers: { allow: 'POST' } }));

/** MCP 2026-07-28's step-up challenge, for a deployment whose clients keep the body beside it. */
function challengeStepUp({ stepUpChallenge }: GatewayConfig, handled: Handled): Response {
  const { response, needed } = handled;
  if (!stepUpChallenge || !needed) return response;
  const said = 'Bearer error="insufficient_scope", error_description="No grant covers this call."';
  const scope = scopeParameter(needed);
  response.headers.set('www-authenticate', scope === undefined ? said : `${said}, ${scope}`);
  return response;
}

/** After the response: the record on its way, and the feed brought forward where a poll is due. */
async function afterwards(edge: Edge, handled: Handled): Promise<void> {
  const { outbox, feeds, ledger } = edge;
  const record = recordOf(edge, handled);
  outbox.add(record);
  const { allowed, code, blocks, tool } =
    record.event === 'decision' ? record : (handled.accounted?.record ?? {});
  console.log({
    event: 'decision',
    id: record.id,
    allowed,
    code,
    tool,
    block: blocks?.at(-1)?.slice(0, 16),
  });
  await Promise.all([outbox.flush(), feeds.bringForward(), ledger.settle()]);
}

export default {
  fetch: (request: Request, env: GatewayEnv, ctx: ExecutionContext) =>
    router.fetch(request as never, env, ctx),
} satisfies ExportedHandler<GatewayEnv>;
