import { Router } from 'itty-router';
import { readClock } from '../../src/clock.ts';
import { ConfigurationFault } from '../../src/configuration-fault.ts';
import { report } from '../../src/report.ts';
import {
  resourceMetadata,
  resourceMetadataUrl,
  scopeParameter,
  withNonce,
  withResourceMetadata,
} from '../../src/verifier/index.ts';
import { type GatewayConfig, type GatewayEnv, parseConfig } from './config.ts';
import { denialResponse } from './denial.ts';
import { type Edge, edgeOf } from './edge.ts';
import { type Handled, handleMessage } from './mcp.ts';
import { recordLine, sendRecords } from './records.ts';

// itty-router's own `catch` spreads whatever was thrown into the body; this one tells nothing.
const router = Router<never, [GatewayEnv, ExecutionContext], Response>({
  catch: (error: unknown) => {
    if (error instanceof ConfigurationFault) {
      const { variable, message } = error;
      report('misconfigured', { code: variable, variable, message });
      const told = 'The configuration of this gateway is invalid. Its log names the variable.';
      return Response.json({ error: 'misconfigured', message: told }, { status: 500 });
    }
    report('unhandled', { error: error instanceof Error ? error.stack : typeof error });
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
    const taken = await edge.rates.takeSource(request.headers, readClock());
    if (!taken.ok) return denialResponse({ code: 'rate_limited', ...taken.error }, undefined);
    const keep = (work: Promise<unknown>) => ctx.waitUntil(work);
    const begun = readClock();
    const handling = handleMessage(edge, request.params.server, request, keep);
    // Before anything is waited for: a client that resets its connection ends its request, and only
    // what is registered goes on, so its call would be made and leave no record.
    keep(afterwards(edge, handling, begun));
    const handled = await handling;
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

/** After the answer, or without it: the records on their way, and the feed brought forward. */
async function afterwards(edge: Edge, handling: Promise<Handled>, begun: number): Promise<void> {
  // What failed is answered and reported by the router; what was recorded until then goes out.
  const handled = await handling.catch(() => undefined);
  if (handled?.record) console.log(recordLine(handled.record, readClock() - begun));
  await Promise.all([sendRecords(edge.outbox), edge.feeds.bringForward(), edge.ledger.settle()]);
}

export default {
  fetch: (request: Request, env: GatewayEnv, ctx: ExecutionContext) =>
    router.fetch(request as never, env, ctx),
} satisfies ExportedHandler<GatewayEnv>;
