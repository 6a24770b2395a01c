import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a receiver's endpoint got it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ReceiverAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long the receiver takes to answer. */
  readonly milliseconds?: number;
}

/** A receiver of security events on loopback, whose answers the test chooses. */
export interface EventReceiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** The next answers, one per request. After the last one, 202. */
  answer(...answers: readonly ReceiverAnswer[]): void;
  /** Resolves with the requests so far, once there are `count` of them. */
  until(count: number, milliseconds?: number): Promise<readonly Received[]>;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<EventReceiver> {
  const received: Received[] = [];
  const answers: ReceiverAnswer[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    received.push({ path: request.url ?? '', headers: request.headers, body });
    const next: ReceiverAnswer = answers.shift() ?? { status: 202 };
    const { status, headers = {}, body: answer = '', milliseconds = 0 } = next;
    await new Promise((passed) => setTimeout(passed, milliseconds));
    response.writeHead(status, headers).end(answer);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/events`,
    received,
    answer: (...more) => {
      answers.push(...more);
    },
    until: async (count, milliseconds = 10_000) => {
      const end = Date.now() + milliseconds;
      while (received.length < count && Date.now() < end) {
        await new Promise((soon) => setTimeout(soon, 20));
      }
      return received;
    },
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
