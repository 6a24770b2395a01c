import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { utf8 } from '../encoding.ts';

// Of a body that nobody wanted, read so that its connection can be used again: then it is closed.
const BODY_DRAINED_BYTES_MAX = 1024 * 1024;
const BODY_DRAINED_MILLISECONDS_MAX = 1_000;

export type Incoming = IncomingMessage | Http2ServerRequest;

/** What Express's parsers leave in the place of a body that they have read. */
type Parsed = IncomingMessage & { readonly body?: unknown };

/**
 * The body of a request, read as it is asked for. What is left of it would hold up the next request
 * of its connection: `leave` reads it to the end, within a bound.
 */
export class IncomingBody {
  readonly #incoming: Incoming;
  #chunks: AsyncIterator<Uint8Array> | undefined;
  #isEnded = false;
  /** Whether somebody reads it: who asked for some and did not say that it is enough. */
  #isWanted = false;

  constructor(incoming: Incoming) {
    this.#incoming = incoming;
  }

  /** Nothing of it is left: there was none, it was read, or its client is gone. */
  get isEnded(): boolean {
    const { readableEnded, destroyed } = this.#incoming;
    return this.#isEnded || readableEnded || destroyed || !mayHaveBody(this.#incoming);
  }

  /** There is more of it, and no handler that reads it. */
  get isUnwanted(): boolean {
    return !this.#isWanted && !this.isEnded;
  }

  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream(
      {
        pull: async (controller) => {
          this.#isWanted = true;
          const { done, value } = await this.#next();
          if (done) controller.close();
          else controller.enqueue(new Uint8Array(value));
        },
        // Nothing is destroyed, for that would end the connection before its answer: see `leave`.
        cancel: () => {
          this.#isWanted = false;
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Reads what is left, for a while. False where there is more: the connection is to be closed. */
  async leave(): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, BODY_DRAINED_MILLISECONDS_MAX, false);
    });
    try {
      return await Promise.race([this.#drain(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #drain(): Promise<boolean> {
    let bytes = 0;
    try {
      while (!this.isEnded && bytes <= BODY_DRAINED_BYTES_MAX) {
        const { done, value } = await this.#next();
        if (!done) bytes += value.length;
      }
    } catch {
      return false; // Its client has gone.
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

/** RFC 9112 section 6.3: without either header, a request has no body. HTTP/2 says so otherwise. */
const mayHaveBody = (incoming: Incoming): boolean =>
  incoming.httpVersionMajor > 1 ||
  incoming.headers['transfer-encoding'] !== undefined ||
  Number(incoming.headers['content-length'] ?? 0) > 0;

/**
 * The body, or what a parser in front of us made of it: then that is what is judged and handled,
 * written anew. Throws where it was read and nothing of it can be had.
 */
export function bodyOf(
  incoming: Incoming,
  body: IncomingBody,
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
    'listener: the body was read before the request came here. Mount the listener before ' +
      'whatever parses bodies, or use a parser of JSON, text or bytes.',
  );
}
