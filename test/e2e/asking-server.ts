import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  type JSONRPCMessage,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

type Handler = (
  server: Server,
  extra: { closeSSEStream?: (() => void) | undefined },
) => Promise<string>;

/** A server of the SDK that asks its client, notifies it, and lets it resume its streams. */
export interface AskingServer {
  readonly url: string;
  readonly sessions: () => readonly string[];
  /** The requests that arrived, as `GET`, `DELETE` or the method of the message. */
  readonly arrived: string[];
  /** What the next calls do. */
  play(handler: Handler): void;
  /** Sends a notification to every client that listens. */
  notify(): Promise<void>;
  close(): Promise<void>;
}

export async function startAskingServer(): Promise<AskingServer> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const servers: Server[] = [];
  const arrived: string[] = [];
  let handler: Handler = async () => 'nothing';
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: eventStore(),
      retryInterval: 200,
      onsessioninitialized: (id) => void transports.set(id, transport),
      onsessionclosed: (id) => void transports.delete(id),
    });
    const server = new Server(
      { name: 'asking', version: '1.0.0' },
      { capabilities: { tools: { listChanged: true }, logging: {} } },
    );
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [] }));
    server.setRequestHandler(CallToolRequestSchema, async (_, extra) => ({
      content: [{ type: 'text', text: await handler(server, extra) }],
    }));
    servers.push(server);
    await server.connect(transport as never);
    return transport;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = text === '' ? undefined : JSON.parse(text);
    arrived.push(body?.method ?? (body ? 'response' : String(request.method)));
    const session = request.headers['mcp-session-id'];
    const known = typeof session === 'string' ? transports.get(session) : undefined;
    if (session !== undefined && !known) return void response.writeHead(404).end();
    await (known ?? (await open())).handleRequest(request, response, body);
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    sessions: () => [...transports.keys()],
    arrived,
    play: (next) => {
      handler = next;
      arrived.length = 0;
    },
    notify: async () => {
      for (const each of servers) await each.sendToolListChanged().catch(() => undefined);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function eventStore() {
  const events: { id: string; stream: string; message: JSONRPCMessage }[] = [];
  return {
    storeEvent: async (stream: string, message: JSONRPCMessage) => {
      const id = `${stream}_${events.length}`;
      events.push({ id, stream, message });
      return id;
    },
    replayEventsAfter: async (
      last: string,
      { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> },
    ) => {
      const at = events.findIndex(({ id }) => id === last);
      const stream = events[at]?.stream ?? '';
      for (const event of events.slice(at + 1)) {
        const isEmpty = Object.keys(event.message).length === 0;
        if (event.stream === stream && !isEmpty) await send(event.id, event.message);
      }
      return stream;
    },
  };
}
