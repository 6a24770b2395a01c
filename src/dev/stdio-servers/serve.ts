import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  isFromProgram,
  type LoopbackPort,
  listenOnLoopback,
  readBody,
} from '../../loopback/index.ts';
import { answerRequest } from './answer.ts';
import { type Child, type ServerCommand, startChild } from './child.ts';

/** One `tools/call` that reached a server. */
export interface SeenCall {
  readonly server: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface StdioServers {
  /** Where a Streamable HTTP client, or the gateway, sends its requests, by the server's name. */
  readonly urls: Readonly<Record<string, string>>;
  /** Every tool call that arrived, in order. */
  readonly seen: () => readonly SeenCall[];
  /** Number of HTTP requests that arrived, with or without a tool call. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
const SEEN_MAX = 10_000;

/**
 * Starts stdio MCP servers and serves each over Streamable HTTP, in JSON and without sessions. It
 * judges nothing: it forwards what it gets from any program on this machine. A page in a browser
 * gets nothing, because the tools may write files.
 */
export async function startStdioServers(
  servers: readonly ServerCommand[],
  port: LoopbackPort,
): Promise<StdioServers> {
  const opened = await Promise.allSettled(servers.map(openServer));
  const running = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.close()));
  };
  const failed = opened.find((each) => each.status === 'rejected');
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  const byName = new Map(running.map((server) => [server.name, server]));
  const seen: SeenCall[] = [];
  let requests = 0;
  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    const server = byName.get((request.url ?? '').split('?', 1)[0]?.slice(1) ?? '');
    if (!isFromProgram(request)) return send(response, 403, errorOf(-32_000, 'Forbidden.'));
    if (server === undefined) return send(response, 404, {});
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      return send(response, 405, errorOf(-32_000, 'Method not allowed.'));
    }
    const text = await readBody(request, MESSAGE_BYTES_MAX);
    const message = parse(text);
    if (message === undefined) return send(response, 400, errorOf(-32_700, 'not a message'));
    const { id, method, params } = message;
    // A notification, or an answer to a question that no one asked.
    if (id === undefined || typeof method !== 'string') return send(response, 202, undefined);
    if (method === 'tools/call' && seen.length < SEEN_MAX) seen.push(seenCall(server.name, params));
    const reply = await answerRequest(await server.child(), { method, params });
    return send(response, 200, { jsonrpc: '2.0', id, ...reply });
  };
  try {
    const http = await listenOnLoopback({
      ...port,
      handle: () => (request, response) => {
        onRequest(request, response).catch((error: Error) => {
          if (!response.headersSent) send(response, 200, errorOf(-32_603, error.message));
        });
      },
    });
    return {
      urls: Object.fromEntries(running.map(({ name }) => [name, `${http.url}/${name}`])),
      seen: () => seen,
      requests: () => requests,
      close: async () => {
        await http.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Server {
  readonly name: string;
  /** The running server. One that has ended is started again, at most once at a time. */
  readonly child: () => Promise<Child>;
  readonly close: () => Promise<void>;
}

async function openServer(command: ServerCommand): Promise<Server> {
  let current = await startChild(command);
  let starting: Promise<Child> | undefined;
  const restart = async (): Promise<Child> => {
    try {
      current = await startChild(command);
      return current;
    } finally {
      starting = undefined;
    }
  };
  return {
    name: command.name,
    child: async () => {
      if (!current.hasEnded()) return current;
      starting ??= restart();
      return starting;
    },
    close: () => current.close(),
  };
}

type JsonObject = Readonly<Record<string, unknown>>;

function seenCall(server: string, params: unknown): SeenCall {
  const { name, arguments: args } = (params ?? {}) as JsonObject;
  return { server, tool: String(name), args: (args ?? {}) as JsonObject };
}

function parse(text: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

const errorOf = (code: number, message: string): object => ({
  jsonrpc: '2.0',
  error: { code, message },
  id: null,
});

function send(response: ServerResponse, status: number, body: object | undefined): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
