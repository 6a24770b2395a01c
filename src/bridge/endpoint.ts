import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from '../canonical-json.ts';
import { isFromProgram, listenOnLoopback, readBody } from '../loopback/index.ts';
import {
  errorOf,
  MESSAGE_BYTES_MAX,
  RPC_CODES,
  readClientMessage,
  statedRevision,
} from './message.ts';
import type { Relay } from './relay.ts';
import type { OpenRelay } from './serve-lines.ts';

/** Servers of a run as Streamable HTTP, for a client that knows only a URL. */
export interface BridgeEndpoint {
  /** The URL of each server. It has the token of the run, and is good for nothing else. */
  readonly urls: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

const TOKEN_BYTES = 32;

/**
 * Listens on a random port of 127.0.0.1. The token is in the path, because a client that knows only
 * a URL sends no header. There is no session: GET and DELETE get 405, which every client accepts,
 * and a call never gets 401, 403 or 404. Each server has one client at a time in mind: what the
 * server sends outside of any request has no stream here.
 */
export async function openBridgeEndpoint(
  servers: ReadonlyMap<string, OpenRelay>,
): Promise<BridgeEndpoint> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const relays = new Map<string, Relay>();
  const relayOf = (name: string): Relay | undefined => {
    const open = servers.get(name);
    const relay = relays.get(name) ?? open?.(() => undefined);
    if (relay !== undefined) relays.set(name, relay);
    return relay;
  };
  const http = await listenOnLoopback({
    port: 0,
    what: 'bridge',
    portVariable: '',
    handle: () => (request, response) => {
      const [, stated = '', server = ''] =
        /^\/([\w-]+)\/mcp\/([a-z0-9-]+)$/.exec(request.url ?? '') ?? [];
      const relay = isFromProgram(request) && isSame(stated, token) ? relayOf(server) : undefined;
      if (relay === undefined) {
        response.writeHead(404).end();
        return;
      }
      answer(relay, request, response).catch(() => response.destroy());
    },
  });
  return {
    urls: Object.fromEntries(
      [...servers.keys()].map((name) => [name, `${http.url}/${token}/mcp/${name}`]),
    ),
    close: async () => {
      await http.close();
      await Promise.all([...relays.values()].map((relay) => relay.close()));
    },
  };
}

const isSame = (stated: string, token: string): boolean =>
  stated.length === token.length && timingSafeEqual(Buffer.from(stated), Buffer.from(token));

async function answer(
  relay: Relay,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') {
    response.writeHead(405, { allow: 'POST' }).end();
    return;
  }
  const body = await readBody(request, MESSAGE_BYTES_MAX);
  const message = readClientMessage(body ?? '');
  switch (message.kind) {
    case 'notification':
      await relay.notify(message.notification);
      response.writeHead(202).end();
      return;
    case 'answer':
      await relay.answer(message.answer);
      response.writeHead(202).end();
      return;
    case 'unreadable':
      sendJson(response, errorOf(message.id, RPC_CODES.invalidRequest, message.why));
      return;
    case 'request': {
      const { request: asked } = message;
      // Since 2026-07-28, a client that leaves has cancelled.
      response.once('close', () => {
        if (response.writableFinished || statedRevision(asked) === undefined) return;
        relay.notify({ method: 'notifications/cancelled', params: { requestId: asked.id } });
      });
      const takesEvents = /text\/event-stream/i.test(request.headers.accept ?? '');
      const final = await relay.request(asked, (before) => {
        if (takesEvents) sendEvent(response, before);
      });
      if (final === undefined) response.end();
      else if (response.headersSent) response.end(eventOf(final));
      else sendJson(response, final);
    }
  }
}

const eventOf = (message: JsonObject): string => `data: ${JSON.stringify(message)}\n\n`;

/** Sends a message before the answer, which makes the answer a stream. */
function sendEvent(response: ServerResponse, message: JsonObject): void {
  if (response.destroyed) return;
  if (!response.headersSent) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  }
  response.write(eventOf(message));
}

function sendJson(response: ServerResponse, message: JsonObject): void {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(message));
}
