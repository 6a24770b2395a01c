import type { JsonObject } from '../../../src/canonical-json.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { GatewayDenial } from '../call/denial.ts';
import type { Forwarded } from '../call/transport.ts';
import type { CallerFacts, Upstream } from '../upstream/index.ts';
import type { InFlight } from './in-flight.ts';
import type { McpMessage } from './message.ts';
import { withoutOwnKeys } from './own-keys.ts';
import { failureResponse } from './responses.ts';
import { hasSessions, type SessionOwner, type Sessions } from './session.ts';
import { callUpstream, type UpstreamAnswer } from './upstream.ts';

/** The state of MCP in an isolate: sealed sessions, and requests that wait for their answer. */
export interface McpState {
  readonly sessions: Sessions;
  readonly inFlight: InFlight;
}

/** Where an allowed message goes, and on whose behalf. */
export interface Route extends SessionOwner {
  /** The MCP server. */
  readonly upstream: Upstream;
  readonly caller: CallerFacts;
  /** The revision that the agent named in `MCP-Protocol-Version`. */
  readonly version?: string;
  /** The server's own session id, if the agent presented a session of its workflow. */
  readonly session?: string;
}

/**
 * Returns where the message goes, with the agent's session opened. Denies a session that belongs to
 * another workflow or server, or whose secret has changed since it was sealed.
 */
export async function routeOf(
  sessions: Sessions,
  owner: Pick<Route, 'workflow' | 'server' | 'upstream' | 'caller'>,
  headers: Headers,
): Promise<Result<Route, GatewayDenial>> {
  const named = headers.get('mcp-protocol-version');
  const version = named !== null && /^\d{4}-\d{2}-\d{2}$/.test(named) ? named : undefined;
  const route = { ...owner, ...(version !== undefined && { version }) };
  const sealed = headers.get('mcp-session-id');
  if (sealed === null || !hasSessions(version)) return ok(route);
  const session = await sessions.open(sealed, owner);
  return session === undefined ? refuse({ code: 'session_unknown' }) : ok({ ...route, session });
}

/**
 * Forwards a message under an id of our own and returns the answer under the agent's id. `rewrite`
 * changes the answer on its way.
 */
export async function forward(
  state: McpState,
  route: Route,
  message: McpMessage,
  params: JsonObject | undefined,
  rewrite: (answer: JsonObject) => JsonObject = (answer) => answer,
): Promise<Forwarded> {
  const { upstream, caller, version, session, workflow, server } = route;
  const { id: agentId, method } = message;
  const request = agentId === undefined ? undefined : { workflow, server, id: agentId };
  const id = request && state.inFlight.begin(request);
  const answer = await callUpstream(upstream, {
    method,
    caller,
    ...(id !== undefined && { id }),
    ...(params && { params }),
    ...(version !== undefined && { version }),
    ...(session !== undefined && { session }),
  });
  if (request && id !== undefined) state.inFlight.end(request, id);
  const { outcome, failure } = answer;
  if (failure) return { outcome, response: failureResponse(failure, agentId) };
  const headers = new Headers({ 'cache-control': 'no-store' });
  const sealed = await sealSession(state.sessions, route, answer);
  if (sealed !== undefined) headers.set('mcp-session-id', sealed);
  if (!answer.message) return { outcome, response: new Response(null, { status: 202, headers }) };
  const rewritten = rewrite({ ...withoutOwnKeys(answer.message), id: agentId ?? null });
  return { outcome, response: Response.json(rewritten, { status: outcome.status, headers }) };
}

/** Returns the answer to a notification that is not forwarded. */
export const accepted = (): Forwarded => ({
  response: new Response(null, { status: 202, headers: { 'cache-control': 'no-store' } }),
  outcome: { status: 202, result: 'ok', bytes: 0, milliseconds: 0 },
});

/** Seals a session that the server opened to the workflow, in the revisions that have sessions. */
async function sealSession(
  sessions: Sessions,
  route: Route,
  { session }: UpstreamAnswer,
): Promise<string | undefined> {
  return session === undefined || !hasSessions(route.version)
    ? undefined
    : sessions.seal(session, route);
}
