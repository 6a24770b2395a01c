import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LOOPBACK } from '../../../src/dev/index.ts';

/** A server behind the gateway that records what reached it, and answers when the test says so. */
export interface Upstream {
  readonly url: string;
  /** Tool calls that reached it. */
  readonly calls: number;
  /** Milliseconds before each answer from now on. */
  takes(milliseconds: number): void;
  close(): Promise<void>;
}

export async function startUpstream(): Promise<Upstream> {
  let calls = 0;
  let delay = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { id, method } = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
    if (method === 'tools/call') calls += 1;
    await new Promise((passed) => setTimeout(passed, delay));
    const result = { content: [{ type: 'text', text: 'done' }] };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
  await new Promise<void>((listening) => server.listen(0, LOOPBACK, listening));
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}/mcp`,
    get calls() {
      return calls;
    },
    takes: (milliseconds) => {
      delay = milliseconds;
    },
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
