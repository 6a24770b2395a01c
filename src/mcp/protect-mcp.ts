import { type Result, refuse } from '../result.ts';
import { type Protection, resourceMetadataUrl } from '../verifier/index.ts';
import { thenSettle, withHeaders } from '../verifier/protect/index.ts';
import { guardServer, type McpServerLike } from './guard-server.ts';
import { judgeRequest, type McpContext, type OpenMessage } from './judge.ts';
import type { McpAuthInfo } from './judged.ts';
import { Operations } from './operations.ts';
import { type McpOptions, readMcpOptions } from './options.ts';

/** What `handleRequest` of the SDK's transports, and `fetch` of its handlers, take besides. */
export interface McpHandlerOptions {
  authInfo: McpAuthInfo;
  parsedBody?: unknown;
}

/** Passes an allowed request to the MCP server. */
export type McpHandler = (request: Request, options: McpHandlerOptions) => Promise<Response>;

/** Protects one MCP server. Made by `protectMcp`. */
export interface McpProtection {
  /**
   * Lets a server of the SDK receive judged messages only, and filters the tools that it lists.
   * Returns the same server. Call it before `connect`, for each server that is created.
   */
  server<Server extends McpServerLike>(server: Server): Server;
  /**
   * Returns a Fetch handler that answers denied requests and the metadata of this server itself,
   * and passes allowed requests on. A Worker's context among the other arguments keeps the work
   * after the response alive.
   */
  fetch(handler: McpHandler): (request: Request, ...rest: unknown[]) => Promise<Response>;
  /** The path of this server's metadata (RFC 9728), which `fetch` answers. */
  readonly metadataPath: string;
  /** Judges one request, for adapters whose handlers are no Fetch handlers. */
  judge(request: Request): Promise<Result<OpenMessage, Response>>;
  /** Work after a response: see `Protection.afterResponse`. */
  afterResponse(): Promise<void>;
  /** The URL of this server, as tokens name it. */
  readonly audience: string;
}

/**
 * Protects an MCP server that is built with the official SDK, of version 1 or 2. Each `tools/call`
 * is judged before its tool runs, and `tools/list` has only tools that the token could use. A
 * denied call is a result with `isError`, whose text tells the model what was denied, why, what is
 * allowed, and how to ask for more. Without a valid token, the answer is 401 with the URL of the
 * metadata. Any other method is denied. Throws a TypeError for options that it does not know or
 * cannot use.
 *
 * @example
 * ```ts
 * import { protectMcp } from 'hewn/mcp';
 *
 * const mcp = protectMcp(protection, {
 *   server: 'crm',
 *   tools: {
 *     search: { action: 'read', tier: 1, dataset: ({ region }) => `crm/contacts/${region}` },
 *   },
 * });
 * const handler = mcp.fetch(async () => Response.json({}));
 * const response = await handler(new Request(`${audience}/mcp`, { method: 'POST' }));
 * console.log(response.status, response.headers.get('www-authenticate')); // 401, a challenge
 * ```
 */
export function protectMcp(protection: Protection, options: McpOptions): McpProtection {
  const operations = new Operations(readMcpOptions(options));
  const judgements = { messages: new WeakMap(), owners: new Map() };
  const context: McpContext = { protection, operations, ...judgements };
  const { audience } = protection;
  const metadataPath = new URL(resourceMetadataUrl(audience)).pathname;
  const afterResponse = () => protection.afterResponse();

  const judge = async (request: Request): Promise<Result<OpenMessage, Response>> =>
    request.method === 'GET' && new URL(request.url).pathname === metadataPath
      ? refuse(protection.metadata())
      : judgeRequest(context, request);

  const answer = async (handler: McpHandler, request: Request): Promise<Response> => {
    const judged = await judge(request);
    if (!judged.ok) return judged.error;
    const { authInfo, parsedBody, headers, close } = judged.value;
    try {
      const parsed = parsedBody === undefined ? {} : { parsedBody };
      const response = await handler(request, { authInfo, ...parsed });
      close({ status: response.status });
      return withHeaders(response, headers);
    } catch (error) {
      close({ status: 500, threw: true });
      throw error;
    }
  };

  return {
    audience,
    metadataPath,
    afterResponse,
    judge,
    server: (server) => guardServer(server, judgements),
    fetch:
      (handler) =>
      (request, ...rest) =>
        thenSettle(answer(handler, request), afterResponse, rest),
  };
}
