import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { readAnswer } from '../json-rpc-answer.ts';
import { ok, type Result, refuse } from '../result.ts';

/** Why a server could not be listed, for the person who named it. */
export type ListingError = string;

/** Sends one request and returns its result. */
export type Ask = (
  method: string,
  params?: JsonObject,
) => Promise<Result<JsonObject, ListingError>>;

const WITH_HANDSHAKE = '2025-11-25';
const STATELESS = '2026-07-28';
const META = 'io.modelcontextprotocol';
const CLIENT = { name: 'hewn-catalogue', version: '1' };
const REPLY_MILLISECONDS_MAX = 30_000;
const REPLY_BYTES_MAX = 8 * 1024 * 1024; // The largest tool lists in use have some 200 KB.

export interface HttpServer {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly credential?: string;
  readonly fetch: typeof fetch;
}

/** A server that was greeted. */
export interface Greeted {
  readonly server: { readonly name: string; readonly version: string };
  readonly capabilities: JsonObject;
  readonly ask: Ask;
  /** Ends the session, if there is one. */
  readonly end: () => Promise<void>;
}

/**
 * Greets a Streamable HTTP server in the newest revision with a handshake, or in the stateless one
 * if the server refuses that. It is a client for listing only: it answers no question of the
 * server and follows no redirect, which could lead to an address that no one named.
 */
export async function greet(http: HttpServer): Promise<Result<Greeted, ListingError>> {
  const greeting = { protocolVersion: WITH_HANDSHAKE, capabilities: {}, clientInfo: CLIENT };
  const hello = await post(http, {}, { id: '1', method: 'initialize', params: greeting });
  if (!hello.ok) return hello;
  const { reply, session } = hello.value;
  const result = reply?.result;
  if (!isJsonObject(result)) return greetStateless(http, hello.value);
  const headers = {
    'mcp-protocol-version': String(result.protocolVersion ?? WITH_HANDSHAKE),
    ...(session !== null && { 'mcp-session-id': session }),
  };
  await post(http, headers, { method: 'notifications/initialized' });
  let id = 1;
  return ok({
    ...describe(result),
    ask: async (method, params = {}) => {
      id += 1;
      return resultOf(method, await post(http, headers, { id: String(id), method, params }));
    },
    end: async () => {
      if (session === null) return;
      await http
        .fetch(http.url, { ...BOUNDED(), method: 'DELETE', headers: headersOf(http, headers) })
        .then((response) => response.body?.cancel())
        .catch(() => undefined); // A session that is not ended expires.
    },
  });
}

async function greetStateless(
  http: HttpServer,
  { reply, status }: Posted,
): Promise<Result<Greeted, ListingError>> {
  const _meta = {
    [`${META}/protocolVersion`]: STATELESS,
    [`${META}/clientInfo`]: CLIENT,
    [`${META}/clientCapabilities`]: {},
  };
  let id = 1;
  const ask: Ask = async (method, params = {}) => {
    id += 1;
    const headers = { 'mcp-protocol-version': STATELESS, 'mcp-method': method };
    return resultOf(
      method,
      await post(http, headers, { id: String(id), method, params: { ...params, _meta } }),
    );
  };
  const discovered = await ask('server/discover');
  if (!discovered.ok) {
    if (reply === undefined) {
      const hint = 'is that the URL of its MCP endpoint?';
      return refuse(`it answered "initialize" ${withoutReply(status)}: ${hint}`);
    }
    const first = isJsonObject(reply.error) ? `: ${reply.error.message}` : '';
    return refuse(`it refused "initialize"${first}, and then ${discovered.error}`);
  }
  const described = isJsonObject(discovered.value._meta) ? discovered.value._meta : {};
  const serverInfo = described[`${META}/serverInfo`] ?? {};
  return ok({ ...describe({ ...discovered.value, serverInfo }), ask, end: async () => undefined });
}

function describe({ serverInfo, capabilities }: JsonObject): Omit<Greeted, 'ask' | 'end'> {
  const { name = '', version = '' } = isJsonObject(serverInfo) ? serverInfo : {};
  return {
    server: { name: String(name), version: String(version) },
    capabilities: isJsonObject(capabilities) ? capabilities : {},
  };
}

const withoutReply = (status: number): string => `with status ${status} and no JSON-RPC message`;

function resultOf(
  method: string,
  posted: Result<Posted, ListingError>,
): Result<JsonObject, ListingError> {
  if (!posted.ok) return posted;
  const { reply, status } = posted.value;
  if (reply === undefined) return refuse(`it answered "${method}" ${withoutReply(status)}`);
  if (isJsonObject(reply.result)) return ok(reply.result);
  const message = isJsonObject(reply.error) ? `: ${reply.error.message}` : '';
  return refuse(`it refused "${method}"${message}`);
}

interface Posted {
  /** The JSON-RPC response; undefined after a notification, or for a body without one. */
  readonly reply: JsonObject | undefined;
  readonly session: string | null;
  /** The HTTP status, for a person who looks for the reason. */
  readonly status: number;
}

/** A request, or a notification, which has no id. */
interface Message {
  readonly id?: string;
  readonly method: string;
  readonly params?: JsonObject;
}

const BOUNDED = () =>
  ({ signal: AbortSignal.timeout(REPLY_MILLISECONDS_MAX), redirect: 'manual' }) as const;

const headersOf = ({ credential }: HttpServer, headers: Readonly<Record<string, string>>) => ({
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
  ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
  ...headers,
});

async function post(
  http: HttpServer,
  headers: Readonly<Record<string, string>>,
  message: Message,
): Promise<Result<Posted, ListingError>> {
  try {
    const response = await http.fetch(http.url, {
      ...BOUNDED(),
      method: 'POST',
      headers: headersOf(http, headers),
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    });
    const { status } = response;
    if (status === 401 || status === 403) {
      await response.body?.cancel();
      return refuse(`it answered ${status}: name a variable with its credential, --bearer NAME`);
    }
    if (status >= 300 && status < 400) {
      await response.body?.cancel();
      return refuse(`it redirects to ${response.headers.get('location')}: name that URL instead`);
    }
    const session = response.headers.get('mcp-session-id');
    if (message.id === undefined) {
      await response.body?.cancel();
      return ok({ reply: undefined, session, status });
    }
    const { message: reply, end } = await readAnswer(response, message.id, REPLY_BYTES_MAX);
    if (end === 'too_large') return refuse(`its answer is over ${REPLY_BYTES_MAX} bytes`);
    if (!reply && end === 'cut') return refuse('the connection was lost before its answer ended');
    return ok({ reply, session, status });
  } catch (error) {
    const { cause, name } = error as Error & { readonly cause?: NodeJS.ErrnoException };
    return refuse(`it cannot be reached (${cause?.code ?? cause?.message ?? name})`);
  }
}
