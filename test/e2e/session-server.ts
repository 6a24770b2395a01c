import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** A server on the SDK's first version, which keeps sessions and can lose them. */
export interface SessionServer {
  readonly url: string;
  /** The ids of its current sessions. */
  readonly sessions: () => readonly string[];
  /** Loses all sessions, as a restart does. */
  forget(): void;
  close(): Promise<void>;
}

export async function startSessionServer(): Promise<SessionServer> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const server = createServer((request, response) => {
    void answer(transports, request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    sessions: () => [...transports.keys()],
    forget: () => transports.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** As in the SDK's examples: 400 without a session, 404 for an unknown one. */
async function answer(
  transports: Map<string, StreamableHTTPServerTransport>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let text = '';
  for await (const chunk of request) text += chunk;
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const body = JSON.parse(text) as { method: string };
  const session = request.headers['mcp-session-id'];
  const known = typeof session === 'string' ? transports.get(session) : undefined;
  if (known) return known.handleRequest(request, response, body);
  if (session !== undefined) return refuse(response, 404, 'Session not found');
  if (body.method !== 'initialize') return refuse(response, 400, 'No session');
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void transports.set(id, transport),
  });
  await toolServer().connect(transport as never);
  await transport.handleRequest(request, response, body);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  const error = { code: -32_001, message };
  response.end(JSON.stringify({ jsonrpc: '2.0', error, id: null }));
}

function toolServer(): Server {
  const server = new Server(
    { name: 'sessions', version: '1.0.0' },
    { capabilities: { tools: {} } },
  );
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
    content: [{ type: 'text', text: `contents of ${params.arguments?.path}` }],
  }));
  return server;
}
