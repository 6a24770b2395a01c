import type { Position } from '../../../src/feed/index.ts';
import { SUBSCRIBERS_MAX } from '../../../src/limits.ts';
import { SHARED_SOURCE } from '../../../src/rates/index.ts';

/** Who opens a socket: a verifier with a credential, or anyone else, by source address. */
export type Subscriber = { readonly by: 'verifier' } | { readonly by: 'anonymous'; source: string };

/** Sockets of all anonymous subscribers together. The rest is reserved for verifiers. */
export const ANONYMOUS_MAX = 1_000;
/** Anonymous sockets of one address. Subscribers of unknown address have only the total limit. */
export const ANONYMOUS_PER_SOURCE_MAX = 16;

/**
 * The open sockets of a log (docs/reference/feed.md, "Messages and files"). They hibernate, so the
 * object sleeps between two entries. A subscriber that sends a message is disconnected.
 *
 * The count is exact: one object holds all sockets of its log, and the runtime counts them by their
 * tags, even after the object has slept.
 */
export class Subscribers {
  readonly #ctx: DurableObjectState;
  /** The last entry that every subscriber has; undefined if that is the newest one. */
  #behindSince: number | undefined;
  #isNotifying = false;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  get #count(): number {
    return this.#ctx.getWebSockets().length;
  }

  /** Accepts a socket. Returns undefined if none is free; the subscriber can poll instead. */
  accept(greeting: Uint8Array<ArrayBuffer>, subscriber: Subscriber): Response | undefined {
    if (!this.#hasRoom(subscriber)) return undefined;
    const { 0: client, 1: server } = new WebSocketPair();
    const tags = subscriber.by === 'verifier' ? [VERIFIER] : [ANONYMOUS, subscriber.source];
    this.#ctx.acceptWebSocket(server, tags);
    server.send(greeting);
    return new Response(null, { status: 101, webSocket: client });
  }

  /**
   * Sends every subscriber the news since an entry. Entries that are appended while `newsSince`
   * signs are sent together in the next message.
   */
  async notify(
    after: number,
    newsSince: (seq: number) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    if (this.#count === 0) return;
    this.#behindSince = Math.min(after, this.#behindSince ?? after);
    if (this.#isNotifying) return;
    this.#isNotifying = true;
    try {
      while (this.#behindSince !== undefined) {
        const seq = this.#behindSince;
        this.#behindSince = undefined;
        this.#send(await newsSince(seq));
      }
    } finally {
      this.#isNotifying = false;
    }
  }

  #hasRoom(subscriber: Subscriber): boolean {
    if (this.#count >= SUBSCRIBERS_MAX) return false;
    if (subscriber.by === 'verifier') return true;
    if (this.#ctx.getWebSockets(ANONYMOUS).length >= ANONYMOUS_MAX) return false;
    if (subscriber.source === SHARED_SOURCE) return true;
    return this.#ctx.getWebSockets(subscriber.source).length < ANONYMOUS_PER_SOURCE_MAX;
  }

  #send(message: Uint8Array<ArrayBuffer>): void {
    for (const socket of this.#ctx.getWebSockets()) {
      try {
        socket.send(message);
      } catch {
        // The socket is gone. Its close event arrives on its own.
      }
    }
  }
}

// Tags of sockets, which no source address equals. Sockets keep them across releases.
const VERIFIER = 'a verifier';
const ANONYMOUS = 'a stranger';

/** The header in which the Worker tells the log who subscribes. Never taken from a caller. */
const SUBSCRIBER_HEADER = 'x-hewn-subscriber';

/** Returns the request to the log for a socket. It takes nothing but the URL from the caller. */
export function subscriptionRequest(url: string, subscriber: Subscriber): Request {
  const source = subscriber.by === 'verifier' ? VERIFIER : subscriber.source;
  return new Request(url, { headers: { upgrade: 'websocket', [SUBSCRIBER_HEADER]: source } });
}

/** Reads who subscribes from a request of `subscriptionRequest`. */
export function readSubscriber(headers: Headers): Subscriber {
  const source = headers.get(SUBSCRIBER_HEADER) ?? SHARED_SOURCE;
  return source === VERIFIER ? { by: 'verifier' } : { by: 'anonymous', source };
}

/** Reads a subscriber's position, `EPOCH.SEQ`; `0.0` means none. Returns undefined if malformed. */
export function readPosition(text: string | null): Omit<Position, 'chain'> | undefined {
  const [, epoch, seq] = /^(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,14})$/.exec(text ?? '') ?? [];
  return epoch === undefined ? undefined : { epoch: Number(epoch), seq: Number(seq) };
}
