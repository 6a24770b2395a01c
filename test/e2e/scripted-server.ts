import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A JSON-RPC message as it reached the server, and its transport. */
export interface Arrived {
  readonly headers: IncomingMessage['headers'];
  readonly message: {
    readonly id?: string | number;
    readonly method: string;
    readonly params?: Record<string, unknown>;
  };
}

export type Script = (arrived: Arrived, response: ServerResponse, socket: Socket) => void;

/** An MCP server that does what a test tells it, including misbehaviour. */
export interface ScriptedServer {
  readonly url: string;
  /** Every message that arrived, in order. */
  readonly arrived: Arrived[];
  /** Decides what happens to the messages from now on. */
  play(script: Script): void;
  close(): Promise<void>;
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const arrived: Arrived[] = [];
  let script: Script = (_, response) => response.writeHead(500).end();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const one = { headers: request.headers, message: JSON.parse(body) } as Arrived;
    arrived.push(one);
    script(one, response, request.socket);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    arrived,
    play: (next) => {
      script = next;
      arrived.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const CONTENT = { content: [{ type: 'text', text: 'done' }] };

/** Returns the answer to a message as a whole JSON body. */
export const answerOf = ({ message }: Arrived, result: unknown = CONTENT): string =>
  JSON.stringify({ jsonrpc: '2.0', id: message.id, result });

/** Answers in JSON after a delay. */
export const answering =
  (milliseconds = 0, result?: unknown): Script =>
  (arrived, response) =>
    setTimeout(() => {
      response.setHeader('content-type', 'application/json');
      response.end(answerOf(arrived, result));
    }, milliseconds);
