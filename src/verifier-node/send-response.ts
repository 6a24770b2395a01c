import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { IncomingBody } from './request-body.ts';

export type Outgoing = ServerResponse | Http2ServerResponse;

/** In HTTP/2 a stream says nothing of its connection, and refuses these (RFC 9113, 8.2.2). */
const OF_CONNECTIONS = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
];

/** Whether a response is sent in HTTP/2, where a request is a stream of its connection. */
const isStream = (outgoing: Outgoing): outgoing is Http2ServerResponse =>
  'createPushResponse' in outgoing;

const isGone = (outgoing: Outgoing): boolean =>
  isStream(outgoing) ? outgoing.stream.destroyed : outgoing.destroyed;

/**
 * Sends the response and leaves the connection fit for its next request: a body that nobody wanted
 * is read to its end before the answer, so that the client reads the answer and not a reset. Where
 * that takes too much, the connection is closed behind the answer.
 */
export async function sendResponse(
  response: Response,
  outgoing: Outgoing,
  body: IncomingBody,
  isHead: boolean,
): Promise<void> {
  const answer = response.body && new Answer(response.body);
  // By then, an answer that is made of the request's body has asked for some of it.
  await new Promise((passed) => setImmediate(passed));
  const isClosing = body.isUnwanted && !(await body.leave());
  if (isGone(outgoing)) return void (await answer?.cancel());
  writeHead(outgoing, response, isClosing);
  await (isHead ? answer?.cancel() : answer?.sendTo(outgoing));
  const sent = Promise.race([once(outgoing, 'finish'), once(outgoing, 'close')]);
  outgoing.end();
  await sent;
  // A handler may have stopped in the middle of its body.
  if (body.isEnded || (!isClosing && (await body.leave()))) return;
  if (isStream(outgoing)) outgoing.stream.close();
  else outgoing.socket?.destroySoon();
}

/** An answer of the listener's own. */
export async function sendStatus(
  status: number,
  outgoing: Outgoing,
  body: IncomingBody,
): Promise<void> {
  const headers = status === 405 ? { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' } : {};
  await sendResponse(new Response(null, { status, headers }), outgoing, body, false);
}

function writeHead(outgoing: Outgoing, { status, headers }: Response, isClosing: boolean): void {
  if (isStream(outgoing)) {
    for (const name of new Set(headers.keys())) {
      if (OF_CONNECTIONS.includes(name)) continue;
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

/** The body of a response. Its first part is asked for at once. */
class Answer {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #next: Promise<ReadableStreamReadResult<Uint8Array>>;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
    this.#next = this.#reader.read();
    this.#next.catch(() => undefined); // It is thrown where it is waited for.
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
