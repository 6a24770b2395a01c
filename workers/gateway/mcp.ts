import type { DecisionRecord } from '../../src/audit/index.ts';
import { isJsonObject, type JsonObject } from '../../src/canonical-json.ts';
import { describeCall, tools } from '../../src/catalogue/index.ts';
import { readClock } from '../../src/clock.ts';
import { ok, type Result, refuse } from '../../src/result.ts';
import {
  type Admission,
  type Credentials,
  type Evidence,
  type NeededDetail,
  neededDetails,
  type RouteFacts,
  readCredentials,
} from '../../src/verifier/index.ts';
import { type Allowed, account, type Denied, denied, dispatch, type NotMade } from './account.ts';
import { denialResponse, type GatewayDenial } from './denial.ts';
import type { Edge } from './edge.ts';
import { accepted, cancelParams, forward, type Route, routeOf } from './forward.ts';
import { type Keep, made } from './made.ts';
import { type McpMessage, type MessageError, readMessage } from './message.ts';
import { callParams, isSessionMethod, sessionParams } from './params.ts';

/** What was decided, what the agent is told, and the record of it. */
export interface Handled {
  readonly response: Response;
  readonly decision: Allowed | Denied;
  /** Absent for one request too many: a flood is counted and fills no log. */
  readonly record: DecisionRecord | undefined;
  /** Of a denied call: what to ask the issuer for, where that is all it lacks. */
  readonly needed?: readonly NeededDetail[] | undefined;
}

/** Messages without a tool are a read of the server's own description. */
const SESSION_TIER = 1;

const sessionRoute = ({ proof }: Credentials): RouteFacts => ({
  tier: SESSION_TIER,
  ...(proof && { proof }),
});

/** A request as it is handled: by what, for which server, with which credentials. */
interface Handling {
  readonly edge: Edge;
  readonly server: string;
  readonly credentials: Credentials;
  readonly headers: Headers;
  readonly keep: Keep;
}

/**
 * One message to the MCP server `server`: judged, and only then forwarded. `keep` is for work that
 * goes on while this is waited for.
 */
export async function handleMessage(
  edge: Edge,
  server: string,
  request: Request,
  keep: Keep,
): Promise<Handled> {
  const credentials = readCredentials(request);
  const { headers } = request;
  const handling = { edge, server, credentials, headers, keep };
  const upstream = Object.hasOwn(edge.config.upstreams, server)
    ? edge.config.upstreams[server]
    : undefined;
  const read = await readMessage(request);
  const message = read.ok ? read.value : undefined;
  if (message?.method === 'tools/call' && upstream !== undefined) {
    return handleCall(handling, upstream, message);
  }
  const admission = await edge.verifier.admit(credentials.token, sessionRoute(credentials));
  const { decision } = admission;
  const refused = (denial: GatewayDenial) =>
    refusal(handling, { denial }, decision.evidence, message);
  const tooMany = await overRate(handling, decision.evidence, message);
  if (tooMany) return tooMany;
  if (!decision.allowed) return refused(decision.denial);
  const denial = sessionDenial(read, upstream);
  if (denial || !message || upstream === undefined) {
    return refused(denial ?? { code: 'server_unknown' });
  }
  const route = await routed(handling, upstream, decision.evidence);
  if ('code' in route) return refused(route);
  return handleSession(handling, admission, decision, route, message);
}

/** A message that uses no tool, of a token that was admitted. */
async function handleSession(
  { edge, server, keep }: Handling,
  admission: Admission,
  decision: Allowed,
  route: Route,
  message: McpMessage,
): Promise<Handled> {
  const { method } = message;
  const shown = (answer: JsonObject) =>
    method === 'tools/list' ? usableTools(answer, edge, server, admission) : answer;
  const send = async () => {
    const passed = sessionParams(method, message.params);
    if (method !== 'notifications/cancelled') return forward(edge, route, message, passed, shown);
    const params = cancelParams(edge, route, message);
    return params ? forward(edge, route, message, { ...passed, ...params }) : accepted();
  };
  return {
    decision,
    ...(await made(edge, decision, dispatch(edge, decision, method), keep, send)),
  };
}

/** One request too many of a workflow that is known: its token was verified, allowed or not. */
async function overRate(
  { edge, credentials: { proof } }: Handling,
  evidence: Evidence,
  message: McpMessage | undefined,
): Promise<Handled | undefined> {
  const { workflow } = evidence;
  if (workflow === undefined) return undefined;
  const taken = await edge.rates.takeWorkflow(workflow, readClock());
  if (taken.ok) return undefined;
  const denial: GatewayDenial = { code: 'rate_limited', ...taken.error };
  return {
    decision: { allowed: false, denial, evidence },
    response: denialResponse(denial, message?.id, proof?.scheme),
    record: undefined,
  };
}

function routed({ edge, server, headers }: Handling, upstream: string, evidence: Evidence) {
  const { workflow } = evidence;
  if (workflow === undefined) throw new Error('a message was allowed of no workflow');
  return routeOf(edge, { server, workflow, upstream }, headers);
}

/** Whether a message other than a call may pass: a default of no. */
function sessionDenial(
  read: Result<McpMessage, MessageError>,
  upstream: string | undefined,
): GatewayDenial | undefined {
  if (!read.ok) return read.error;
  if (upstream === undefined) return { code: 'server_unknown' };
  const { method } = read.value;
  return isSessionMethod(method) ? undefined : { code: 'method_denied', method };
}

async function handleCall(
  handling: Handling,
  upstream: string,
  message: McpMessage,
): Promise<Handled> {
  const { edge, server, credentials, keep } = handling;
  const { token, proof } = credentials;
  const refused = (why: NotMade, evidence: Evidence) => refusal(handling, why, evidence, message);
  const described = describeMessage(edge, server, message);
  if (!described.ok) {
    // The token is judged all the same: whoever has none learns nothing of the catalogue, and the
    // record of the denial names the workflow that tried.
    const { decision } = await edge.verifier.admit(token, sessionRoute(credentials));
    const tooMany = await overRate(handling, decision.evidence, message);
    if (tooMany) return tooMany;
    const { tool, denial } = described.error;
    return decision.allowed
      ? refused({ denial }, { ...decision.evidence, tool })
      : refused({ denial: decision.denial }, decision.evidence);
  }
  const decision = await edge.verifier.verify(token, {
    ...described.value,
    ...(proof && { proof }),
  });
  const tooMany = await overRate(handling, decision.evidence, message);
  if (tooMany) return tooMany;
  if (!decision.allowed) {
    const listed = edge.catalogue.get(described.value.tool);
    const needed = neededDetails(decision.denial, described.value, listed);
    return refusal(handling, { denial: decision.denial }, decision.evidence, message, needed);
  }
  // Before anything is taken: what cannot be sent anywhere costs nothing.
  const route = await routed(handling, upstream, decision.evidence);
  if ('code' in route) return refused({ denial: route }, decision.evidence);
  const accounted = await account(edge, decision, described.value.args, message.method);
  if (!accounted.ok) return refused(accounted.error, decision.evidence);
  const params = callParams(message.params ?? {});
  const send = () => forward(edge, route, message, params);
  return { decision, ...(await made(edge, decision, accounted.value, keep, send)) };
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

/** A denial of the verifier or of what stands around it: the answer, and its record. */
function refusal(
  { edge, credentials: { proof } }: Handling,
  { denial, ...known }: NotMade,
  evidence: Evidence,
  message: McpMessage | undefined,
  needed?: readonly NeededDetail[],
): Handled {
  const decision: Denied = { allowed: false, denial, evidence };
  return {
    decision,
    needed,
    response: denialResponse(denial, message?.id, proof?.scheme, needed),
    record: denied(edge, decision, message?.method, known),
  };
}
