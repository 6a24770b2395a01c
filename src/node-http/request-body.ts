import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { utf8 } from '../encoding.ts';

// An unread body is read to its end within these bounds, so that its connection can be used again.
// Beyond them, the connection is closed.
const BODY_DRAINED_BYTES_MAX = 1024 * 1024;
const BODY_DRAINED_MILLISECONDS_MAX = 1_000;

export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** Express's parsers leave what they have read in `body`. */
type Parsed = IncomingMessage & { readonly body?: unknown };

/**
 * The body of a request, read on demand. An unread rest would block the next request of the
 * connection: `drain` reads it to its end, within a bound.
 */
export class RequestBody {
  readonly #incoming: NodeRequest;
  #chunks: AsyncIterator<Uint8Array> | undefined;
  #isEnded = false;
  /** Whether the handler is reading: it asked for a chunk and has not cancelled the stream. */
  #isBeingRead = false;

  constructor(incoming: NodeRequest) {
    this.#incoming = incoming;
  }

  /** Nothing is left: there was no body, it was read, or its client is gone. */
  get isEnded(): boolean {
    const { readableEnded, destroyed } = this.#incoming;
    return this.#isEnded || readableEnded || destroyed || !mayHaveBody(this.#incoming);
  }

  /** Some of it is left, and the handler does not read it. */
  get isAbandoned(): boolean {
    return !this.#isBeingRead && !this.isEnded;
  }

  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream(
      {
        pull: async (controller) => {
          this.#isBeingRead = true;
          const { done, value } = await this.#next();
          if (done) controller.close();
          else controller.enqueue(new Uint8Array(value));
        },
        // Destroying the request here would close the connection before its answer: see `drain`.
        cancel: () => {
          this.#isBeingRead = false;
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Reads the rest within a bound. Returns false if there is more: close the connection then. */
  async drain(): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, BODY_DRAINED_MILLISECONDS_MAX, false);
    });
    try {
      return await Promise.race([this.#readRest(), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #readRest(): Promise<boolean> {
    let bytes = 0;
    try {
      while (!this.isEnded && bytes <= BODY_DRAINED_BYTES_MAX) {
        const { done, value } = await this.#next();
        if (!done) bytes += value.length;
      }
    } catch {
      return false; // The client is gone.
    }
    return this.isEnded;
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#chunks ??= this.#incoming.iterator({ destroyOnReturn: false }) as never;
    const next = await (this.#chunks as AsyncIterator<Uint8Array, undefined>).next();
    if (next.done) this.#isEnded = true;
    return next;
  }
}

/** RFC 9112 section 6.3: without either header, a request has no body. HTTP/2 needs neither. */
const mayHaveBody = (incoming: NodeRequest): boolean =>
  incoming.httpVersionMajor > 1 || announcesBody(incoming);

/** Returns whether the headers say that the request has a body. */
export const announcesBody = ({ headers }: NodeRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/**
 * Returns the body. If a parser in front of us has read it, what the parser made of it is written
 * again: that is what is decided and handled. Throws if the parser left nothing to write.
 */
export function bodyOf(
  incoming: NodeRequest,
  body: RequestBody,
  headers: Headers,
): ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | undefined {
  if (!incoming.readableDidRead) return mayHaveBody(incoming) ? body.stream() : undefined;
  const { body: parsed } = incoming as Parsed;
  const bytes = bytesOf(parsed, headers.get('content-type') ?? '');
  headers.set('content-length', String(bytes.length));
  for (const name of ['transfer-encoding', 'content-encoding']) headers.delete(name);
  return bytes;
}

function bytesOf(parsed: unknown, type: string): Uint8Array<ArrayBuffer> {
  if (parsed instanceof Uint8Array) return Uint8Array.from(parsed);
  if (typeof parsed === 'string') return utf8(parsed);
  if (parsed !== undefined && /^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
    return utf8(JSON.stringify(parsed));
  }
  throw new Error(
    'listener: the body was read before the request reached the listener. Mount the listener ' +
      'before anything that parses bodies, or use a parser of JSON, text or bytes.',
  );
}
