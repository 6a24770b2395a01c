import { ok, type Result, refuse } from '../../../src/result.ts';
import type { GatewayDenial } from '../call/denial.ts';
import type { CallerFacts, Upstream } from '../upstream/index.ts';
import type { InFlight } from './in-flight.ts';
import { hasSessions, type SessionOwner, type Sessions } from './session.ts';
import type { Tasks } from './tasks.ts';

/** The state of MCP in an isolate: sealed sessions, and requests that wait for their answer. */
export interface McpState {
  readonly sessions: Sessions;
  readonly inFlight: InFlight;
  readonly tasks: Tasks;
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

/** Seals a session that the server opened to the workflow, in the revisions that have sessions. */
export async function sealSession(
  sessions: Sessions,
  route: Route,
  session: string | null | undefined,
): Promise<string | undefined> {
  return session === undefined || session === null || !hasSessions(route.version)
    ? undefined
    : sessions.seal(session, route);
}
