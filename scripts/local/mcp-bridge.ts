/**
 * Serves a stdio MCP server over Streamable HTTP, with the official SDK at both ends.
 *
 * The server behind it is the published one. It runs as a child process whose working directory is
 * the folder it serves, so a relative path means the same to the agent, to the token and to the
 * server. The bridge speaks the stateless revision 2026-07-28 and, without sessions, the revisions
 * before it, in JSON wherever the revision leaves the choice.
 *
 * It judges nothing. It forwards and records every request, which is how the walk-through shows
 * that a denied call never arrived.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import {
  localhostHostValidation,
  type NodeIncomingMessageLike,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  isLegacyRequest,
  Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { listenOnLoopback } from '../../src/dev/index.ts';
import { createOutbox, type Message } from './outbox.ts';

/** One `tools/call` that reached the server behind the bridge. */
export interface SeenCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface McpBridge {
  /** Where a Streamable HTTP client, or the gateway, sends its requests. */
  readonly url: string;
  /** The same for the outbox, which has no mail server behind it. */
  readonly mailUrl: string;
  /** Every message that was sent or drafted, in order. */
  readonly messages: () => readonly Message[];
  /** Every tool call that arrived, in order. */
  readonly seen: () => readonly SeenCall[];
  /** Number of HTTP requests that arrived, with or without a tool call. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

const MAIL_PATH = '/mail';
const IDENTITY = { name: 'hewn-local-bridge', version: '0.1.0' } as const;

export async function startMcpBridge(options: {
  readonly root: string;
  readonly port: number;
}): Promise<McpBridge> {
  const behind = await startFileServer(options.root);
  const seen: SeenCall[] = [];
  let requests = 0;
  const outbox = createOutbox(seen);
  const files = answerBothRevisions(() => forwardingServer(behind, seen));
  const mail = answerBothRevisions(outbox.server);
  const toNode = toNodeHandler({
    fetch: (request) => (new URL(request.url).pathname === MAIL_PATH ? mail : files)(request),
  });
  const isLocalHost = localhostHostValidation();
  try {
    const http = await listenOnLoopback({
      port: options.port,
      what: 'MCP bridge',
      portVariable: 'HEWN_MCP_PORT',
      handle: () => (request, response) => {
        requests += 1;
        // A page in a browser must not reach the folder through a name that resolves to 127.0.0.1.
        if (isLocalHost(request, response))
          void toNode(request as NodeIncomingMessageLike, response);
      },
    });
    return {
      url: `${http.url}/mcp`,
      mailUrl: `${http.url}${MAIL_PATH}`,
      messages: outbox.messages,
      seen: () => seen,
      requests: () => requests,
      close: async () => {
        await http.close();
        await behind.close();
      },
    };
  } catch (error) {
    await behind.close();
    throw error;
  }
}

/**
 * Starts the published filesystem server over `root`, with an initialised client connected to it.
 */
async function startFileServer(root: string): Promise<Client> {
  const manifest = createRequire(import.meta.url).resolve(
    '@modelcontextprotocol/server-filesystem/package.json',
  );
  const client = new Client(IDENTITY);
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [join(dirname(manifest), 'dist', 'index.js'), root],
      cwd: root,
      env: getDefaultEnvironment(),
      stderr: 'ignore', // its greeting; what goes wrong comes back as a JSON-RPC error
    }),
  );
  return client;
}

/** Create one per request: neither revision keeps state between two requests. */
function forwardingServer(behind: Client, seen: SeenCall[]): Server {
  const server = new Server(IDENTITY, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', ({ params }) =>
    behind.request({ method: 'tools/list', ...(params === undefined ? {} : { params }) }),
  );
  server.setRequestHandler('tools/call', ({ params: { name, arguments: args = {} } }) => {
    seen.push({ tool: name, args });
    return behind.request({ method: 'tools/call', params: { name, arguments: args } });
  });
  return server;
}

type Answer = (request: Request) => Promise<Response>;

function answerBothRevisions(serverOf: () => Server): Answer {
  const modern = createMcpHandler(serverOf, { legacy: 'reject' });
  return async (request) => {
    // Sessions and their streams (GET, DELETE) are not supported; `modern` answers them with 405.
    if (request.method !== 'POST' || !(await isLegacyRequest(request)))
      return modern.fetch(request);
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await serverOf().connect(transport);
    return transport.handleRequest(request);
  };
}
