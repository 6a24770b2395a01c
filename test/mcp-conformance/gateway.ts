import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { activate } from '../e2e/activate.ts';
import { obtain } from '../e2e/agent.ts';
import { openStage, type Stage } from '../e2e/stage.ts';
import { catalogueText, grantsOf, POLICY } from './catalogue.ts';
import type { RunningServer, ServerName } from './servers.ts';

/** The gateway with its issuer, and a way to it for clients that have no token. */
export interface ConformanceGateway {
  /** The URL of a server through the gateway, with a new token for everything of the server. */
  readonly urlOf: (server: ServerName) => Promise<string>;
  readonly close: () => Promise<void>;
}

/**
 * Starts all Workers as they are deployed, with the servers behind the gateway. The suites know no
 * tokens, so a proxy on loopback adds one to each request. It changes nothing else, and streams.
 */
export async function startGateway(servers: readonly RunningServer[]): Promise<ConformanceGateway> {
  const upstreams = Object.fromEntries(
    servers.map(({ name, url }) => [
      name,
      {
        url,
        serverRequests: ['elicitation', 'sampling', 'roots'],
        addresses: ['localhost'],
        caller: 'none',
      },
    ]),
  );
  const tokens = new Map<string, string>();
  let stage: Stage;
  const proxy = createServer((request, response) => {
    void forward(stage, tokens, request, response);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const { port } = proxy.address() as AddressInfo;
  stage = await openStage({
    gatewayVars: {
      UPSTREAMS: JSON.stringify(upstreams),
      ALLOWED_ORIGINS: JSON.stringify([`http://localhost:${port}`]),
    },
  });
  await activate(stage, {
    policy: { 'policy/conformance.datalog': POLICY },
    catalogue: catalogueText(servers.map(({ name }) => name)),
  });
  return {
    urlOf: async (server) => {
      const { token } = await obtain(stage, grantsOf(server));
      tokens.set(server, token);
      return `http://localhost:${port}/${server}`;
    },
    close: async () => {
      proxy.closeAllConnections();
      await new Promise((closed) => proxy.close(closed));
      await stage.close();
    },
  };
}

/** Headers of one connection, which the next connection has its own of. */
const OF_CONNECTION = new Set(['connection', 'host', 'transfer-encoding', 'keep-alive']);

async function forward(
  { audience, harness }: Stage,
  tokens: ReadonlyMap<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const server = (request.url ?? '').slice(1);
  const headers = new Headers();
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2);
    if (!OF_CONNECTION.has(name.toLowerCase())) headers.append(name, value);
  }
  headers.set('authorization', `Bearer ${tokens.get(server)}`);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = await harness.getWorker('gateway').fetch(`${audience}/mcp/${server}`, {
      method: request.method ?? 'GET',
      headers: Object.fromEntries(headers),
      body: chunks.length > 0 ? Buffer.concat(chunks) : null,
      redirect: 'manual',
      signal: gone.signal,
    });
    const sent = [...answer.headers].filter(([name]) => !OF_CONNECTION.has(name));
    response.writeHead(answer.status, Object.fromEntries(sent));
    response.flushHeaders();
    if (answer.body === null) response.end();
    else await pipeline(Readable.fromWeb(answer.body as ReadableStream), response);
  } catch {
    // The client is gone, or the gateway cut the stream.
    response.destroy();
  }
}
