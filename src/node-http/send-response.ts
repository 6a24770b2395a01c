import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { RequestBody } from './request-body.ts';

export type NodeResponse = ServerResponse | Http2ServerResponse;

/** Headers about a connection. An HTTP/2 stream must not send them (RFC 9113 section 8.2.2). */
const CONNECTION_HEADERS = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
];

/** Whether a response is sent in HTTP/2, where a request is a stream of its connection. */
const isStream = (outgoing: NodeResponse): outgoing is Http2ServerResponse =>
  'createPushResponse' in outgoing;

const isGone = (outgoing: NodeResponse): boolean =>
  isStream(outgoing) ? outgoing.stream.destroyed : outgoing.destroyed;

/**
 * Sends the response and leaves the connection ready for its next request. A body that the handler
 * did not read is read to its end before the answer, so that the client reads the answer and not a
 * reset. If that takes too much, the connection is closed after the answer.
 */
export async function sendResponse(
  response: Response,
  outgoing: NodeResponse,
  body: RequestBody,
  isHead: boolean,
): Promise<void> {
  const content = response.body && new ResponseBody(response.body);
  // After this turn, a response made from the request's body has begun to read it.
  await new Promise((resolve) => setImmediate(resolve));
  const isClosing = body.isAbandoned && !(await body.drain());
  if (isGone(outgoing)) return void (await content?.cancel());
  writeHead(outgoing, response, isClosing);
  await (isHead ? content?.cancel() : content?.sendTo(outgoing));
  const sent = Promise.race([once(outgoing, 'finish'), once(outgoing, 'close')]);
  outgoing.end();
  await sent;
  // A handler may have stopped reading in the middle of the body.
  if (body.isEnded || (!isClosing && (await body.drain()))) return;
  if (isStream(outgoing)) outgoing.stream.close();
  else outgoing.socket?.destroySoon();
}

/** Sends an answer of the listener's own, without a body. */
export async function sendStatus(
  status: number,
  outgoing: NodeResponse,
  body: RequestBody,
): Promise<void> {
  const headers = status === 405 ? { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' } : {};
  await sendResponse(new Response(null, { status, headers }), outgoing, body, false);
}

/** An allowed call, whose handler sends the response itself. */
interface FollowedCall {
  readonly headers: Readonly<Record<string, string>>;
  close(outcome: { readonly status: number; readonly threw: boolean }): void;
  afterResponse(): Promise<void>;
}

/** Adds the headers of a call to its response, and closes its record when the response ends. */
export function followResponse(
  outgoing: ServerResponse,
  { headers, close, afterResponse }: FollowedCall,
): void {
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  outgoing.once('close', () => {
    // Without an answer, it is unknown what the handler has done.
    const { headersSent, statusCode } = outgoing;
    close({ status: headersSent ? statusCode : 500, threw: !headersSent });
    afterResponse();
  });
}

function writeHead(
  outgoing: NodeResponse,
  { status, headers }: Response,
  isClosing: boolean,
): void {
  if (isStream(outgoing)) {
    for (const name of new Set(headers.keys())) {
      if (CONNECTION_HEADERS.includes(name)) continue;
      outgoing.setHeader(
        name,
        name === 'set-cookie' ? headers.getSetCookie() : (headers.get(name) ?? ''),
      );
    }
    outgoing.writeHead(status);
    return;
  }
  const lines = [...headers].flat();
  outgoing.writeHead(status, isClosing ? [...lines, 'connection', 'close'] : lines);
}

/** The body of a response. Its first chunk is requested at once. */
class ResponseBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #next: Promise<ReadableStreamReadResult<Uint8Array>>;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
    this.#next = this.#reader.read();
    this.#next.catch(() => undefined); // It is thrown where it is awaited.
  }

  async sendTo(
    outgoing: NodeJS.EventEmitter & { write(chunk: Uint8Array): boolean },
  ): Promise<void> {
    const gone = new Promise<never>((_, reject) => {
      outgoing.once('close', () => reject(new Error('the client closed its connection')));
    });
    gone.catch(() => undefined);
    try {
      for (;;) {
        const { done, value } = await Promise.race([this.#next, gone]);
        if (done) return;
        if (!outgoing.write(value)) await Promise.race([once(outgoing, 'drain'), gone]);
        this.#next = this.#reader.read();
      }
    } catch (error) {
      await this.#reader.cancel(error).catch(() => undefined);
      throw error;
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}
