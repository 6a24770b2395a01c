import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LOOPBACK } from '../../../src/dev/index.ts';

/** One request as the API behind the gateway received it. */
export interface Received {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
) => void | Promise<void>;

/** An HTTP API on loopback that records every request, and answers as the test says. */
export interface TestApi {
  readonly url: string;
  readonly received: readonly Received[];
  /** Connections that the other side closed before the answer was complete. */
  readonly aborted: number;
  /** Bytes that it could write so far. */
  readonly written: number;
  /** Answers all requests from now on. Without it, a request is echoed as JSON. */
  answers(handler: Handler | undefined): void;
  close(): Promise<void>;
}

const echo: Handler = (request, response, body) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method: request.method, url: request.url, body: String(body) }));
};

export async function startApi(root = ''): Promise<TestApi> {
  const received: Received[] = [];
  let handler: Handler | undefined;
  let aborted = 0;
  let written = 0;
  const server = createServer(async (request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) aborted += 1;
      written += response.socket?.bytesWritten ?? 0;
    });
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    const { method = '', url = '', headers, rawHeaders } = request;
    received.push({ method, target: url, headers, rawHeaders, body });
    await (handler ?? echo)(request, response, body);
  });
  await new Promise<void>((listening) => server.listen(0, LOOPBACK, listening));
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}${root}`,
    received,
    get aborted() {
      return aborted;
    },
    get written() {
      return written;
    },
    answers: (given) => {
      handler = given;
    },
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
