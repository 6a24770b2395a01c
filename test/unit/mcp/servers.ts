import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { createMcpHandler, McpServer as McpServer2 } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { McpProtection } from '../../../src/mcp/index.ts';
import { mcpMiddleware, type NodeMcpRequest } from '../../../src/mcp-node/index.ts';
import { listener } from '../../../src/verifier-node/index.ts';

/** One server for each way in which the official SDKs serve HTTP. All have the same tools. */

const region = { region: z.string(), note: z.string().optional() };
const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });

/** What reached a tool. */
export type Reached = (call: { tool: string; args: unknown; workflow: unknown }) => void;

const workflowOf = (auth: { extra?: Record<string, unknown> } | undefined): unknown =>
  (auth?.extra?.hewn as { workflow?: unknown } | undefined)?.workflow;

function server1(mcp: McpProtection, reached: Reached): McpServer1 {
  const server = new McpServer1({ name: 'crm', version: '1.0.0' });
  for (const tool of ['search', 'erase', 'undescribed']) {
    server.registerTool(tool, { inputSchema: region }, (args, { authInfo }) => {
      reached({ tool, args, workflow: workflowOf(authInfo) });
      return text(`${tool} ${args.region}`);
    });
  }
  server.registerResource('notes', 'crm://notes/eu', {}, (uri) => ({
    contents: [{ uri: uri.href, text: 'a note' }],
  }));
  server.registerPrompt('greet', {}, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: 'Hello' } }],
  }));
  return mcp.server(server);
}

function server2(mcp: McpProtection, reached: Reached): McpServer2 {
  const server = new McpServer2({ name: 'crm', version: '1.0.0' });
  const inputSchema = z.object(region);
  for (const tool of ['search', 'erase', 'undescribed']) {
    server.registerTool(tool, { inputSchema }, (args, { http }) => {
      reached({ tool, args, workflow: workflowOf(http?.authInfo) });
      return text(`${tool} ${args.region}`);
    });
  }
  server.registerResource('notes', 'crm://notes/eu', {}, (uri) => ({
    contents: [{ uri: uri.href, text: 'a note' }],
  }));
  server.registerPrompt('greet', {}, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: 'Hello' } }],
  }));
  return mcp.server(server);
}

export interface SessionTransport {
  sessionId?: string | undefined;
  handleRequest(
    req: NodeMcpRequest,
    res: Parameters<RequestListener>[1],
    body: unknown,
  ): Promise<void>;
}

/** Keeps a transport for each session, as the examples of the SDK do. */
export function withSessions(
  mcp: McpProtection,
  open: (opened: (id: string, transport: SessionTransport) => void) => Promise<SessionTransport>,
): RequestListener {
  const sessions = new Map<string, SessionTransport>();
  const judge = mcpMiddleware(mcp);
  return (req: NodeMcpRequest, res) =>
    judge(req, res, async (error) => {
      if (error !== undefined) throw error;
      const id = req.headers['mcp-session-id'];
      const known = typeof id === 'string' ? sessions.get(id) : undefined;
      if (typeof id === 'string' && !known) return void res.writeHead(404).end();
      const transport = known ?? (await open((opened, one) => sessions.set(opened, one)));
      await transport.handleRequest(req, res, (req as { body?: unknown }).body);
    });
}

type Build = (mcp: McpProtection, reached: Reached) => RequestListener;

export const SERVERS: Readonly<Record<string, Build>> = {
  'SDK 1 with sessions, on Node': (mcp, reached) =>
    withSessions(mcp, async (opened) => {
      const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (id) => opened(id, transport as SessionTransport),
      });
      await server1(mcp, reached).connect(transport as never);
      return transport as SessionTransport;
    }),
  'SDK 1 without sessions, on Express': (mcp, reached) => {
    const app = createMcpExpressApp();
    app.all('/mcp', mcpMiddleware(mcp), async (req, res) => {
      const transport = new StreamableHTTPServerTransport();
      await server1(mcp, reached).connect(transport as never);
      await transport.handleRequest(req, res, req.body);
    });
    app.get(mcp.metadataPath, mcpMiddleware(mcp));
    return app;
  },
  'SDK 1 on Fetch': (mcp, reached) =>
    listener(
      mcp.fetch(async (request, options) => {
        const transport = new WebStandardStreamableHTTPServerTransport({
          enableJsonResponse: true,
        });
        await server1(mcp, reached).connect(transport);
        return transport.handleRequest(request, options);
      }),
      { origin: mcp.audience },
    ),
  'SDK 2 with sessions, on Node': (mcp, reached) =>
    withSessions(mcp, async (opened) => {
      const transport: NodeStreamableHTTPServerTransport = new NodeStreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (id) => void opened(id, transport as SessionTransport),
      });
      await server2(mcp, reached).connect(transport);
      return transport as SessionTransport;
    }),
  'SDK 2 as a Fetch handler': (mcp, reached) => {
    const handler = createMcpHandler(() => server2(mcp, reached));
    return listener(mcp.fetch(handler.fetch), { origin: mcp.audience });
  },
};

/** Serves on a free port of loopback. */
export async function serve(handler: RequestListener): Promise<{ url: string; close(): void }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}/mcp`, close };
}
