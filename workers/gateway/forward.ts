import type { Outcome } from '../../src/audit/index.ts';
import type { JsonObject } from '../../src/canonical-json.ts';
import type { GatewayDenial } from './denial.ts';
import type { Edge } from './edge.ts';
import { failureResponse } from './failure.ts';
import type { McpMessage } from './message.ts';
import { hasSessions, type SessionOwner } from './session.ts';
import { callUpstream, type UpstreamAnswer } from './upstream.ts';

/** Where an allowed message goes, and on whose behalf. */
export interface Route extends SessionOwner {
  readonly upstream: string;
  /** `MCP-Protocol-Version`, where the agent said one. */
  readonly version?: string;
  /** The server's own session, where the agent showed one of its workflow. */
  readonly session?: string;
}

/**
 * Where the message goes, with the agent's session opened; a denial where it is not one of this
 * workflow at this server, or lost its meaning with the secret that sealed it.
 */
export async function routeOf(
  { sessions }: Edge,
  owner: SessionOwner & { readonly upstream: string },
  headers: Headers,
): Promise<Route | GatewayDenial> {
  const said = headers.get('mcp-protocol-version');
  const version = said !== null && /^\d{4}-\d{2}-\d{2}$/.test(said) ? said : undefined;
  const route = { ...owner, ...(version !== undefined && { version }) };
  const sealed = headers.get('mcp-session-id');
  if (sealed === null || !hasSessions(version)) return route;
  const session = await sessions.open(sealed, owner);
  return session === undefined ? { code: 'session_unknown' } : { ...route, session };
}

/** The message as the agent is answered, and what became of it. */
export interface Forwarded {
  readonly response: Response;
  readonly outcome: Outcome;
}

/**
 * Sends the message under an id of our own and brings the answer back under the agent's. `shown`
 * sees the answer on its way.
 */
export async function forward(
  edge: Edge,
  route: Route,
  message: McpMessage,
  params: JsonObject | undefined,
  shown: (answer: JsonObject) => JsonObject = (answer) => answer,
): Promise<Forwarded> {
  const { upstream, version, session, workflow, server } = route;
  const { id: agentId, method } = message;
  const request = agentId === undefined ? undefined : { workflow, server, id: agentId };
  const id = request && edge.inFlight.begin(request);
  const answer = await callUpstream(upstream, {
    method,
    ...(id !== undefined && { id }),
    ...(params && { params }),
    ...(version !== undefined && { version }),
    ...(session !== undefined && { session }),
  });
  if (request && id !== undefined) edge.inFlight.end(request, id);
  const { outcome, failure } = answer;
  if (failure) return { outcome, response: failureResponse(failure, agentId) };
  const headers = new Headers({ 'cache-control': 'no-store' });
  const sealed = await sealedOf(edge, route, answer);
  if (sealed !== undefined) headers.set('mcp-session-id', sealed);
  if (!answer.message) return { outcome, response: new Response(null, { status: 202, headers }) };
  const told = shown({ ...answer.message, id: agentId ?? null });
  return { outcome, response: Response.json(told, { status: outcome.status, headers }) };
}

/**
 * A server numbers nothing for itself: what is cancelled is named by our id of it. Undefined where
 * no such request waits in this isolate; cancelling is a courtesy, and the answer is dropped.
 */
export function cancelParams(
  { inFlight }: Edge,
  { workflow, server }: SessionOwner,
  { params }: McpMessage,
): JsonObject | undefined {
  const id = params?.requestId;
  if (typeof id !== 'string' && typeof id !== 'number') return undefined;
  const requestId = inFlight.find({ workflow, server, id });
  return requestId === undefined ? undefined : { requestId };
}

/** What an agent is told that cancelled what does not wait here. */
export const accepted = (): Forwarded => ({
  response: new Response(null, { status: 202, headers: { 'cache-control': 'no-store' } }),
  outcome: { status: 202, result: 'ok', bytes: 0, milliseconds: 0 },
});

/** The server's session as this workflow may show it, in the revisions that have sessions. */
async function sealedOf(
  { sessions }: Edge,
  route: Route,
  { session }: UpstreamAnswer,
): Promise<string | undefined> {
  return session === undefined || !hasSessions(route.version)
    ? undefined
    : sessions.seal(session, route);
}
