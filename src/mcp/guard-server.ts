import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import type { JudgedMessage, JudgedMessages, SessionOwners } from './judged.ts';
import type { RequestId } from './message.ts';

/** A server of the MCP SDK, of version 1 or 2: `McpServer`, or `Server` below it. */
export interface McpServerLike {
  connect(transport: never): Promise<void>;
}

/** The part of the SDK's transports that is used here. */
interface Transport {
  send(message: JsonObject, options?: unknown): Promise<void>;
  onmessage?: (message: JsonObject, extra?: { readonly authInfo?: object }) => void;
  onclose?: () => void;
  readonly sessionId?: string | undefined;
}

interface Connectable {
  connect(transport: Transport): Promise<void>;
  readonly transport?: unknown;
}

/** What the messages of a connection are checked against. */
export interface Judgements {
  readonly messages: JudgedMessages;
  readonly owners: SessionOwners;
}

/**
 * Lets a server receive judged messages only, and filters the tools that it lists. Returns the same
 * server. Throws a TypeError for a server that is connected already.
 */
export function guardServer<Server extends McpServerLike>(
  server: Server,
  judgements: Judgements,
): Server {
  const below = (server as { readonly server?: unknown }).server ?? server;
  const inner = below as Connectable;
  if (inner.transport !== undefined) {
    throw new TypeError('server: the server is connected already; protect it before `connect`');
  }
  const connect = inner.connect.bind(inner);
  inner.connect = (transport) => connect(guardTransport(transport, judgements));
  return server;
}

/**
 * Wraps a transport. The SDK has no hook before a handler and none after a list: its transports are
 * what every message passes, in both versions, over HTTP with and without sessions.
 */
function guardTransport(transport: Transport, { messages, owners }: Judgements): Transport {
  const listing = new Map<RequestId, JudgedMessage['show']>();

  const receive =
    (deliver: NonNullable<Transport['onmessage']>): Transport['onmessage'] =>
    (message, extra) => {
      const judged = extra?.authInfo && messages.get(extra.authInfo);
      const id = message.id as RequestId | undefined;
      if (!judged || !isSameMessage(message, judged) || (id !== undefined && listing.has(id))) {
        if (id !== undefined && message.method !== undefined) void refuse(transport, id);
        return;
      }
      const { sessionId } = transport;
      if (sessionId !== undefined) owners.set(sessionId, judged.workflow);
      if (message.method === 'tools/list' && id !== undefined) listing.set(id, judged.show);
      deliver(message, extra);
    };

  const send: Transport['send'] = (message, options) => {
    const id = message.id as RequestId;
    const show = message.method === undefined ? listing.get(id) : undefined;
    if (!show) return transport.send(message, options);
    listing.delete(id);
    return transport.send(usableTools(message, show), options);
  };

  const close = (closed: () => void) => () => {
    if (transport.sessionId !== undefined) owners.delete(transport.sessionId);
    closed();
  };

  // A proxy, because transports differ in their other members, and the SDK uses those too.
  return new Proxy(transport, {
    get: (target, name) => {
      if (name === 'send') return send;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' && !isHandler(name) ? value.bind(target) : value;
    },
    set: (target, name, value) => {
      const isSet = typeof value === 'function';
      const given = name === 'onmessage' && isSet ? receive(value) : value;
      return Reflect.set(target, name, name === 'onclose' && isSet ? close(value) : given, target);
    },
  });
}

/** The SDK reads handlers back to chain them, so they stay what they are. */
const isHandler = (name: string | symbol): boolean =>
  typeof name === 'string' && name.startsWith('on');

const UNJUDGED = {
  code: -32_003,
  message: 'This server accepts only messages that its Hewn middleware has judged.',
  data: { code: 'message_unjudged' },
} as const;

const refuse = (transport: Transport, id: RequestId): Promise<void> =>
  transport.send({ jsonrpc: '2.0', id, error: UNJUDGED }).catch(() => undefined);

/** The server must execute what was judged: another body must not come in its place. */
function isSameMessage(received: JsonObject, { message }: JudgedMessage): boolean {
  if (message === undefined) return false;
  if (message.kind === 'response') return received.id === message.id;
  const id = message.kind === 'request' ? message.id : undefined;
  if (received.method !== message.method || received.id !== id) return false;
  return judgedPart(received.params) === judgedPart(message.params);
}

/** Parsers of the SDK may reorder and add other members, which decide nothing. */
function judgedPart(params: unknown): string {
  const given = isJsonObject(params) ? params : {};
  const { name = null, uri = null, arguments: args = {} } = given;
  const { inputResponses = null, requestState = null } = given;
  return JSON.stringify([name, uri, args, inputResponses, requestState]);
}

/** Leaves only the tools that the token can use: an agent is not tempted by the others. */
function usableTools(answer: JsonObject, show: JudgedMessage['show']): JsonObject {
  const { result } = answer;
  if (!isJsonObject(result) || !Array.isArray(result.tools)) return answer;
  const tools = (result.tools as readonly JsonObject[])
    .map(show)
    .filter((tool) => tool !== undefined);
  // The list depends on the token, so a cache must not share it between holders.
  const scope = 'cacheScope' in result ? { cacheScope: 'private' } : {};
  return { ...answer, result: { ...result, ...scope, tools } };
}
