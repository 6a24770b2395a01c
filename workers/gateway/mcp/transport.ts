import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import {
  type Catalogue,
  type CatalogueTool,
  type DescribedCall,
  describeCall,
  tools,
} from '../../../src/catalogue/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { Admission } from '../../../src/verifier/index.ts';
import type { Exchange, Forward, NotForwarded, Operation, Transport } from '../call/transport.ts';
import type { Judging } from '../catalogues.ts';
import type { Gateway } from '../gateway.ts';
import { accepted, cancelParams, forward, type Route, routeOf } from './forward.ts';
import { type McpMessage, readMessage } from './message.ts';
import { callParams, isSessionMethod, sessionParams } from './params.ts';
import { denialResponse } from './responses.ts';

/** The Model Context Protocol, over Streamable HTTP, to the MCP server of this name. */
export const mcpTransport = (gateway: Gateway, server: string): Transport => ({
  read: (request) => readExchange(gateway, server, request),
  denyUnread: (denial) => denialResponse(denial),
});

async function readExchange(gateway: Gateway, server: string, request: Request): Promise<Exchange> {
  const { stepUpChallenge } = gateway.config;
  const read = await readMessage(request);
  const message = read.ok ? read.value : undefined;
  return {
    ...(message && { method: message.method }),
    operation: (judging) =>
      read.ok
        ? operationOf({ gateway, server, headers: request.headers, message: read.value, judging })
        : refuse({ denial: read.error }),
    deny: (denial, context) =>
      denialResponse(denial, { ...context, id: message?.id, stepUpChallenge }),
  };
}

/** One readable message, with everything that decides where it goes. */
interface Incoming {
  readonly gateway: Gateway;
  readonly server: string;
  readonly headers: Headers;
  readonly message: McpMessage;
  readonly judging: Judging;
}

/** Any method that is not listed is denied. */
function operationOf(incoming: Incoming): Result<Operation, NotForwarded> {
  const { gateway, server, message } = incoming;
  const { method } = message;
  const { upstreams } = gateway.config;
  const upstream = Object.hasOwn(upstreams, server) ? upstreams[server] : undefined;
  if (upstream === undefined) return refuse({ denial: { code: 'server_unknown' } });
  if (method === 'tools/call') return callOf(incoming, upstream);
  if (!isSessionMethod(method)) return refuse({ denial: { code: 'method_denied', method } });
  if (method === 'tools/list' && !incoming.judging.catalogue) {
    return refuse({ denial: { code: 'catalogue_unavailable' } });
  }
  return ok({
    kind: 'message',
    route: (workflow, canUse) =>
      routed(
        incoming,
        { workflow, server, upstream },
        (route) => () => forwardMessage(incoming, route, canUse),
      ),
  });
}

function callOf(incoming: Incoming, upstream: string): Result<Operation, NotForwarded> {
  const { gateway, server, message, judging } = incoming;
  const described = describeMessage(judging, server, message);
  if (!described.ok) return described;
  const params = callParams(message.params ?? {});
  return ok({
    kind: 'call',
    call: described.value,
    route: (workflow) =>
      routed(
        incoming,
        { workflow, server, upstream },
        (route) => () => forward(gateway, route, message, params),
      ),
  });
}

async function routed(
  { gateway, headers }: Incoming,
  owner: Parameters<typeof routeOf>[1],
  forwardBy: (route: Route) => Forward,
): Promise<Result<Forward, NotForwarded>> {
  const route = await routeOf(gateway.sessions, owner, headers);
  return route.ok ? ok(forwardBy(route.value)) : refuse({ denial: route.error });
}

/** Says which call a `tools/call` is, in the terms of the catalogue. */
function describeMessage(
  judging: Judging,
  server: string,
  message: McpMessage,
): Result<DescribedCall, NotForwarded> {
  const { name, arguments: args = {}, ...rest } = message.params ?? {};
  const tool = `mcp/${server}/${typeof name === 'string' ? name.slice(0, 128) : ''}`;
  const malformed = (why: string) =>
    refuse({ denial: { code: 'message_malformed', why }, tool } as const);
  if (typeof name !== 'string') return malformed('a call without the name of a tool');
  if (!isJsonObject(args)) return malformed('arguments that are not an object');
  if (message.id === undefined) return malformed('a call without an id');
  const unknown = Object.keys(rest).find((member) => member !== '_meta');
  if (unknown !== undefined) return malformed('a member that a call does not have');
  const { catalogue, isCurrent } = judging;
  const described = catalogue && describeCall(catalogue, tool, args);
  // An earlier catalogue judges reads only. What it does not know may be a read of the new one.
  if (!described || (!isCurrent && !(described.ok && isRead(described.value)))) {
    return refuse({ denial: { code: 'catalogue_unavailable' }, tool });
  }
  return described.ok ? described : refuse({ denial: described.error, tool });
}

const isRead = ({ action, tier }: Pick<CatalogueTool, 'action' | 'tier'>): boolean =>
  action === 'read' && tier < 2;

/** Forwards a message that uses no tool. */
async function forwardMessage(
  { gateway, server, message, judging }: Incoming,
  route: Route,
  canUse: Admission['canUse'],
) {
  const { method } = message;
  const params = sessionParams(method, message.params);
  if (method === 'notifications/cancelled') {
    const cancelled = cancelParams(gateway.inFlight, route, message);
    return cancelled ? forward(gateway, route, message, { ...params, ...cancelled }) : accepted();
  }
  if (method !== 'tools/list') return forward(gateway, route, message, params);
  return forward(gateway, route, message, params, (answer) =>
    usableTools(answer, judging.catalogue ?? new Map(), server, canUse),
  );
}

/** Leaves only the tools that the token can use: an agent is not tempted by the others. */
function usableTools(
  answer: JsonObject,
  catalogue: Catalogue,
  server: string,
  canUse: Admission['canUse'],
): JsonObject {
  const { result } = answer;
  if (!isJsonObject(result) || !Array.isArray(result.tools)) return answer;
  const usable = new Set(
    tools(catalogue)
      .filter(({ name, action }) => canUse(name, action))
      .map(({ name }) => name),
  );
  const listed = (result.tools as readonly unknown[]).filter(
    (tool) => isJsonObject(tool) && usable.has(`mcp/${server}/${String(tool.name)}`),
  );
  // The list depends on the token, so a cache must not share it between holders.
  const scope = 'cacheScope' in result ? { cacheScope: 'private' } : {};
  return { ...answer, result: { ...result, ...scope, tools: listed } as JsonObject };
}
