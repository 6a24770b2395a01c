import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import type { Attached } from '../../../src/provenance/index.ts';
import { ATTACHED_META, readAttached } from '../../../src/receipts/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { GatewayDenial } from '../call/denial.ts';
import type {
  Admitted,
  Exchange,
  Forward,
  NotForwarded,
  Operation,
  Transport,
} from '../call/transport.ts';
import type { Gateway } from '../gateway.ts';
import { type CallerFacts, ofTool } from '../upstream/index.ts';
import { accepted } from './answer.ts';
import { answerToServer } from './answer-to-server.ts';
import { forward } from './forward.ts';
import { type AgentAnswer, type McpMessage, readMessage } from './message.ts';
import { type AnswerContext, type Incoming, type Method, methodOf } from './methods/index.ts';
import { denialResponse } from './responses.ts';
import { openRound, sealRound } from './retry.ts';
import { isOfRevision, refuseRevision, unknownRevision } from './revisions.ts';
import { routeOf } from './route.ts';
import { isOfSession, readSessionRequest, whileAllowed } from './session-requests.ts';
import { withReceipts } from './tools/receipts.ts';

/** The Model Context Protocol, over Streamable HTTP, to the MCP server of this name. */
export const mcpTransport = (gateway: Gateway, server: string): Transport => ({
  read: async (request) => {
    const { method } = request;
    const upstream = gateway.upstreams.get(server);
    const exchange =
      method === 'GET' || method === 'DELETE'
        ? readSessionRequest(gateway, server, request, method)
        : await readExchange(gateway, server, request);
    return upstream?.kind === 'mcp' ? { ...exchange, upstream } : exchange;
  },
  denyUnread: (denial) => denialResponse(denial),
});

async function readExchange(gateway: Gateway, server: string, request: Request): Promise<Exchange> {
  const { headers } = request;
  const { stepUpChallenge, issuer, denialForm } = gateway.config;
  const read = await readMessage(request);
  if (!read.ok) {
    const { id, ...denial } = read.error;
    return {
      operation: () => refuse({ denial }),
      deny: (denied, context) => denialResponse(denied, { ...context, id, stepUpChallenge }),
    };
  }
  if (!('method' in read.value)) return answerExchange(gateway, server, headers, read.value);
  const message = read.value;
  return {
    method: message.method,
    attached: attachedOf(message),
    operation: (judging) => operationOf({ gateway, server, headers, message, judging }),
    deny: (denial, context) =>
      denialResponse(denial, {
        ...context,
        id: message.id,
        stepUpChallenge,
        isInSession: headers.has('mcp-session-id') && isOfSession(request),
        ...(denialForm === 'result' && { readable: { issuer, message } }),
      }),
  };
}

/** What attests the values of a call. It is never forwarded: see `params.ts`. */
function attachedOf({ params }: McpMessage): Attached | undefined {
  const meta = params?._meta;
  return isJsonObject(meta) ? readAttached(meta[ATTACHED_META]) : undefined;
}

/** An agent's answer to a request of the server: only the token is verified. */
const answerExchange = (
  gateway: Gateway,
  server: string,
  headers: Headers,
  answer: AgentAnswer,
): Exchange => ({
  method: 'response',
  deny: (denial, context) => denialResponse(denial, context),
  operation: () => {
    const upstream = gateway.upstreams.get(server);
    if (upstream?.kind !== 'mcp') return refuse({ denial: { code: 'server_unknown' } });
    return ok({
      kind: 'message',
      route: async (caller) => {
        const { workflow } = caller;
        const owner = { workflow, server, upstream, caller };
        const route = await routeOf(gateway.sessions, owner, headers);
        return route.ok
          ? answerToServer({ gateway }, answer, route.value)
          : refuse({ denial: route.error });
      },
    });
  },
});

/** Any method that is not listed is denied. */
function operationOf(incoming: Incoming): Result<Operation, NotForwarded> {
  const { gateway, server, headers, message, judging } = incoming;
  const upstream = gateway.upstreams.get(server);
  if (upstream?.kind !== 'mcp') return refuse({ denial: { code: 'server_unknown' } });
  const ownerOf = (caller: CallerFacts) => {
    const { workflow, tool } = caller;
    const entry = tool === undefined ? undefined : judging.catalogue?.get(tool);
    return { workflow, server, upstream: ofTool(upstream, entry), caller };
  };
  const revision = unknownRevision(incoming);
  if (revision !== undefined) {
    const route: Routing = async (caller) => {
      const opened = await routeOf(gateway.sessions, ownerOf(caller), headers);
      if (!opened.ok) return refuse({ denial: opened.error });
      return ok(() => refuseRevision(incoming, revision, opened.value));
    };
    return ok({ kind: 'message', route });
  }
  const method = methodOf(message.method);
  if (!method || !isOfRevision(method, headers))
    return refuse({ denial: { code: 'method_denied', method: message.method } });
  const routeTo: Routing = (caller) =>
    routed({ incoming, method, admission: { canUse: () => false } }, ownerOf(caller));
  const call = method.describe?.(incoming);
  if (call) {
    if (!call.ok) return refuse({ ...call.error, ...observedRoute(incoming, call.error, routeTo) });
    return ok({ kind: 'call', call: call.value, route: routeTo });
  }
  if (method.needsCatalogue && !judging.catalogue) {
    return refuse({ denial: { code: 'catalogue_unavailable' } });
  }
  return ok({
    kind: 'message',
    route: (caller, admission) => routed({ incoming, method, admission }, ownerOf(caller)),
  });
}

type Routing = (caller: CallerFacts) => Promise<Result<Forward, NotForwarded>>;

/** What a call lacks that the catalogue does not describe. Nothing else of it is unclear. */
const UNDESCRIBED: readonly GatewayDenial['code'][] = [
  'tool_unknown',
  'argument_unlisted',
  'dataset_missing',
  'dataset_unmappable',
];

/** Returns where a call goes that is only not described, for a route that observes. */
function observedRoute(
  { message }: Incoming,
  { denial }: NotForwarded,
  route: Routing,
): Pick<NotForwarded, 'observed'> {
  const args = message.params?.arguments ?? {};
  if (!UNDESCRIBED.includes(denial.code) || !isJsonObject(args)) return {};
  return { observed: { args, route } };
}

interface Routed {
  readonly incoming: Incoming;
  readonly method: Method;
  readonly admission: Admitted;
}

async function routed(
  { incoming, method, admission }: Routed,
  owner: Parameters<typeof routeOf>[1],
): Promise<Result<Forward, NotForwarded>> {
  const { gateway, headers, message } = incoming;
  const route = await routeOf(gateway.sessions, owner, headers);
  if (!route.ok) return refuse({ denial: route.error });
  const denial = await method.admits?.(incoming, route.value);
  if (denial) return refuse({ denial });
  const context: AnswerContext = { incoming, owner, ...admission };
  if (method.isHeld && !takesEvents(headers)) {
    return refuse({ denial: { code: 'message_malformed', why: 'Accept has no event stream' } });
  }
  const prepared = await method.prepare?.(context);
  if (prepared && !prepared.ok) return refuse({ denial: prepared.error });
  const round = method.hasRounds ? await openRound(incoming, owner) : ok({});
  if (!round.ok) return refuse({ denial: round.error });
  const rewriteBy = async (answer: JsonObject): Promise<JsonObject> => {
    const shown = (await method.rewrite?.(answer, context)) ?? answer;
    const attested =
      message.method === 'tools/call' ? await withReceipts(shown, incoming, owner.workflow) : shown;
    return method.hasRounds ? sealRound(incoming, owner, attested) : attested;
  };
  return ok(async (hold) => {
    if (method.isMoot?.(incoming, owner)) return accepted();
    const params = prepared ? prepared.value.params : method.params(incoming, owner);
    const forwarding = {
      state: gateway,
      route: route.value,
      message,
      params: params && { ...params, ...round.value },
      isHeld: method.isHeld,
      call: prepared?.value.call,
      repeated: method.repeated?.(incoming),
      takesEvents: takesEvents(headers),
      prefersEvents: prefersEvents(headers),
      rewrite: prepared ? prepared.value.rewrite : rewriteBy,
    };
    const mayRead = prepared?.value.mayRead;
    return forward(forwarding, mayRead ? whileAllowed(hold, mayRead) : hold);
  });
}

/** Whether the agent says that it reads a stream of events. */
const takesEvents = (headers: Headers): boolean =>
  /(?:^|[,\s])text\/event-stream(?:$|[,;\s])/i.test(headers.get('accept') ?? '');

/** Whether the agent names a stream of events before JSON. */
const prefersEvents = (headers: Headers): boolean =>
  /text\/event-stream.*application\/json/i.test(headers.get('accept') ?? '');
