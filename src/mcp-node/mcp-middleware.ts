import type { IncomingMessage, ServerResponse } from 'node:http';
import type { McpAuthInfo, McpProtection } from '../mcp/index.ts';
import {
  followResponse,
  RequestBody,
  readRequest,
  sendResponse,
  sendStatus,
} from '../node-http/index.ts';

/**
 * A request of Express, or of Node's own server. Its `body` is the message that was judged, which
 * `handleRequest` of the SDK takes.
 */
export type NodeMcpRequest = IncomingMessage & {
  /** The target as it arrived: a router that is mounted below a path shortens `url`. */
  readonly originalUrl?: string;
  /** The SDK hands it to tools as `authInfo`. */
  auth?: McpAuthInfo;
};

/**
 * Returns middleware for the path of an MCP server and for `mcp.metadataPath`. It answers denied
 * requests and the metadata itself. For an allowed request, it sets `req.auth` and `req.body`:
 * continue with `transport.handleRequest(req, res, req.body)`. `next(error)` is called only because
 * of a bug.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { protectMcp } from 'hewn/mcp';
 * import { mcpMiddleware } from 'hewn/mcp/node';
 *
 * const add = { action: 'read', tier: 1, dataset: 'math' } as const;
 * const judge = mcpMiddleware(protectMcp(protection, { server: 'math', tools: { add } }));
 * const server = createServer((req, res) => judge(req, res, () => res.end('allowed')));
 * server.listen(0, () => server.close());
 * ```
 */
export function mcpMiddleware(mcp: McpProtection) {
  const { origin } = new URL(mcp.audience);
  return async (
    req: NodeMcpRequest,
    res: ServerResponse,
    next: (error?: unknown) => void,
  ): Promise<void> => {
    const body = new RequestBody(req);
    try {
      const request = readRequest(req, origin, body, req.originalUrl ?? req.url);
      if (!request.ok) return await sendStatus(request.error, res, body);
      const judged = await mcp.judge(request.value);
      if (!judged.ok) {
        res.once('close', () => mcp.afterResponse());
        return await sendResponse(judged.error, res, body, req.method === 'HEAD');
      }
      const { authInfo, parsedBody, headers, close } = judged.value;
      req.auth = authInfo;
      (req as { body?: unknown }).body = parsedBody;
      followResponse(res, { headers, close, afterResponse: () => mcp.afterResponse() });
    } catch (error) {
      return next(error);
    }
    next();
  };
}
