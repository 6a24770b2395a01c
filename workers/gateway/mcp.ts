import type { Outcome } from '../../src/audit/index.ts';
import { isJsonObject, type JsonObject } from '../../src/canonical-json.ts';
import { describeCall, tools } from '../../src/catalogue/index.ts';
import { ok, type Result, refuse } from '../../src/result.ts';
import {
  type Admission,
  type Credentials,
  type Decision,
  type Evidence,
  type NeededDetail,
  neededDetails,
  type RouteFacts,
  readCredentials,
} from '../../src/verifier/index.ts';
import { type Accounted, account } from './account.ts';
import { denialResponse, type GatewayDenial } from './denial.ts';
import type { Edge } from './edge.ts';
import { type McpMessage, type MessageError, readMessage } from './message.ts';
import { callUpstream } from './upstream.ts';

/** What was decided and what became of it, for the record. */
export interface Handled {
  readonly response: Response;
  readonly decision: Decision | { allowed: false; denial: GatewayDenial; evidence: Evidence };
  readonly method?: string;
  readonly outcome?: Outcome;
  /** Of a denied call: what to ask the issuer for, where that is all it lacks. */
  readonly needed?: readonly NeededDetail[] | undefined;
  /** Of an allowed call: what was taken and written before it happened. */
  readonly accounted?: Accounted;
}

/**
 * Messages that use no tool and that a client cannot do without, in the revisions that are spoken.
 */
const SESSION_METHODS: readonly string[] = [
  'initialize', // until 2025-11-25
  'notifications/initialized',
  'notifications/cancelled',
  'ping',
  'server/discover', // from 2026-07-28
];

/** Messages without a tool are a read of the server's own description. */
const SESSION_TIER = 1;

const sessionRoute = ({ proof }: Credentials): RouteFacts => ({
  tier: SESSION_TIER,
  ...(proof && { proof }),
});

/** One message to the MCP server `server`: judged, and only then forwarded. */
export async function handleMessage(
  edge: Edge,
  server: string,
  request: Request,
): Promise<Handled> {
  const credentials = readCredentials(request);
  const { token } = credentials;
  const upstream = Object.hasOwn(edge.config.upstreams, server)
    ? edge.config.upstreams[server]
    : undefined;
  const read = await readMessage(request);
  const message = read.ok ? read.value : undefined;
  if (read.ok && message?.method === 'tools/call' && upstream !== undefined) {
    return handleCall({ edge, server, credentials, upstream, message, headers: request.headers });
  }
  const admission = await edge.verifier.admit(token, sessionRoute(credentials));
  const { decision } = admission;
  const method = message && { method: message.method };
  const refused = (denial: GatewayDenial) =>
    denied(denial, decision.evidence, message, credentials);
  if (!decision.allowed) return refused(decision.denial);
  const denial = sessionDenial(read, upstream);
  if (denial || !message || upstream === undefined) {
    return refused(denial ?? { code: 'server_unknown' });
  }
  const answer = await callUpstream(upstream, message, request.headers);
  const shown =
    message.method === 'tools/list' && answer.message
      ? { ...answer, message: usableTools(answer.message, edge, server, admission) }
      : answer;
  return { response: respond(shown, message), decision, ...method, outcome: answer.outcome };
}

/** Whether a message other than a call may pass: a default of no. */
function sessionDenial(
  read: Result<McpMessage, MessageError>,
  upstream: string | undefined,
): GatewayDenial | undefined {
  if (!read.ok) return read.error;
  if (upstream === undefined) return { code: 'server_unknown' };
  const { method } = read.value;
  const known = method === 'tools/list' || SESSION_METHODS.includes(method);
  return known ? undefined : { code: 'method_denied', method };
}

interface Call {
  readonly edge: Edge;
  readonly server: string;
  readonly credentials: Credentials;
  readonly upstream: string;
  readonly message: McpMessage;
  readonly headers: Headers;
}

async function handleCall(call: Call): Promise<Handled> {
  const { edge, server, credentials, upstream, message, headers } = call;
  const { token, proof } = credentials;
  const described = describeMessage(edge, server, message);
  if (!described.ok) {
    // The token is judged all the same: whoever has none learns nothing of the catalogue, and the
    // record of the denial names the workflow that tried.
    const { decision } = await edge.verifier.admit(token, sessionRoute(credentials));
    const { tool, denial } = described.error;
    return decision.allowed
      ? denied(denial, { ...decision.evidence, tool }, message, credentials)
      : denied(decision.denial, decision.evidence, message, credentials);
  }
  const decision = await edge.verifier.verify(token, {
    ...described.value,
    ...(proof && { proof }),
  });
  if (!decision.allowed) {
    const listed = edge.catalogue.get(described.value.tool);
    const needed = neededDetails(decision.denial, described.value, listed);
    return denied(decision.denial, decision.evidence, message, credentials, needed);
  }
  const { method } = message;
  const accounted = await account(edge, decision, described.value.args, method);
  if ('code' in accounted) return denied(accounted, decision.evidence, message, credentials);
  const answer = await callUpstream(upstream, message, headers);
  const response = respond(answer, message);
  return { response, decision, method, outcome: answer.outcome, accounted };
}

function describeMessage(edge: Edge, server: string, message: McpMessage) {
  const { name, arguments: args = {}, ...rest } = message.params ?? {};
  const tool = `mcp/${server}/${typeof name === 'string' ? name.slice(0, 128) : ''}`;
  const refused = (denial: GatewayDenial) => refuse({ denial, tool });
  const malformed = (why: string) => refused({ code: 'message_malformed', why });
  if (typeof name !== 'string') return malformed('a call without the name of a tool');
  if (!isJsonObject(args)) return malformed('arguments that are not an object');
  if (message.id === undefined) return malformed('a call without an id');
  const unknown = Object.keys(rest).find((member) => member !== '_meta');
  if (unknown !== undefined) return malformed('a member that a call does not have');
  const described = describeCall(edge.catalogue, tool, args);
  return described.ok ? ok(described.value) : refused(described.error);
}

/** Shows the tools that this token can use, and no other: of the rest an agent need not dream. */
function usableTools(
  answer: JsonObject,
  edge: Edge,
  server: string,
  admission: Admission,
): JsonObject {
  const { result } = answer;
  if (!isJsonObject(result) || !Array.isArray(result.tools)) return answer;
  const usable = new Set(
    tools(edge.catalogue)
      .filter(({ name, action }) => admission.canUse(name, action))
      .map(({ name }) => name),
  );
  const listed = (result.tools as readonly unknown[]).filter(
    (tool) => isJsonObject(tool) && usable.has(`mcp/${server}/${String(tool.name)}`),
  );
  // A list that depends on the token must not be shared between holders by a cache.
  const scope = 'cacheScope' in result ? { cacheScope: 'private' } : {};
  return { ...answer, result: { ...result, ...scope, tools: listed } as JsonObject };
}

function respond(
  answer: { readonly status: number; readonly message?: JsonObject; readonly session?: string },
  message: McpMessage,
): Response {
  const headers = new Headers({ 'cache-control': 'no-store' });
  if (answer.session !== undefined) headers.set('mcp-session-id', answer.session);
  if (answer.message) return Response.json(answer.message, { status: answer.status, headers });
  if (message.id === undefined && answer.status === 202) {
    return new Response(null, { status: 202, headers });
  }
  const error = { code: -32_603, message: 'The server behind the gateway gave no answer.' };
  const body = { jsonrpc: '2.0', id: message.id ?? null, error };
  return Response.json(body, { status: answer.status, headers });
}

const denied = (
  denial: GatewayDenial,
  evidence: Evidence,
  message: McpMessage | undefined,
  { proof }: Credentials,
  needed?: readonly NeededDetail[],
): Handled => ({
  response: denialResponse(denial, message?.id, proof?.scheme, needed),
  decision: { allowed: false, denial, evidence },
  needed,
  ...(message && { method: message.method }),
});
