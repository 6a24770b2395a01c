import type { Position } from '../../../src/feed/index.ts';
import { SUBSCRIBERS_MAX } from '../../../src/limits.ts';
import { SHARED_SOURCE } from '../../../src/rates/index.ts';

/** Whose socket it is: a verifier's with a credential, or a stranger's, by its source address. */
export type Subscriber = { readonly by: 'verifier' } | { readonly by: 'stranger'; source: string };

/** Sockets that strangers hold together: the rest of a log's is kept for verifiers. */
export const STRANGERS_MAX = 1_000;
/**
 * Sockets of one stranger's address; of all whose address is not known, as many as of strangers.
 */
export const STRANGERS_PER_SOURCE_MAX = 16;

/**
 * The open sockets of the log (docs/reference/feed.md, "Sockets"). They hibernate: between two
 * entries the object sleeps. A subscriber has nothing to say; whoever sends something is cut off.
 *
 * The count is exact, because one object holds all sockets of its log: the runtime counts them by
 * their tags, also after the object has slept.
 */
export class Subscribers {
  readonly #ctx: DurableObjectState;
  /** After which entry the subscribers have not been told; undefined where they know all. */
  #untold: number | undefined;
  #isTelling = false;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  get #count(): number {
    return this.#ctx.getWebSockets().length;
  }

  /** Undefined where no more are taken: they poll, as everybody can. */
  accept(greeting: Uint8Array<ArrayBuffer>, subscriber: Subscriber): Response | undefined {
    if (!this.#hasRoom(subscriber)) return undefined;
    const { 0: client, 1: server } = new WebSocketPair();
    const tags = subscriber.by === 'verifier' ? [VERIFIER] : [STRANGER, subscriber.source];
    this.#ctx.acceptWebSocket(server, tags);
    server.send(greeting);
    return new Response(null, { status: 101, webSocket: client });
  }

  /**
   * Tells all of them what came after an entry. What is appended while `newsSince` signs goes out
   * with the next message, in one.
   */
  async tell(
    after: number,
    newsSince: (seq: number) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    if (this.#count === 0) return;
    this.#untold = Math.min(after, this.#untold ?? after);
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      while (this.#untold !== undefined) {
        const seq = this.#untold;
        this.#untold = undefined;
        this.#send(await newsSince(seq));
      }
    } finally {
      this.#isTelling = false;
    }
  }

  #hasRoom(subscriber: Subscriber): boolean {
    if (this.#count >= SUBSCRIBERS_MAX) return false;
    if (subscriber.by === 'verifier') return true;
    if (this.#ctx.getWebSockets(STRANGER).length >= STRANGERS_MAX) return false;
    if (subscriber.source === SHARED_SOURCE) return true;
    return this.#ctx.getWebSockets(subscriber.source).length < STRANGERS_PER_SOURCE_MAX;
  }

  #send(message: Uint8Array<ArrayBuffer>): void {
    for (const socket of this.#ctx.getWebSockets()) {
      try {
        socket.send(message);
      } catch {
        // It is gone, and says so itself when it can.
      }
    }
  }
}

// No address reads like these.
const VERIFIER = 'a verifier';
const STRANGER = 'a stranger';

/** The header by which the Worker tells the log whose socket is asked for; never a caller's. */
const SUBSCRIBER_HEADER = 'x-hewn-subscriber';

/** The request for a socket as the log gets it: nothing of the caller's but where it is. */
export function subscriptionRequest(url: string, subscriber: Subscriber): Request {
  const source = subscriber.by === 'verifier' ? VERIFIER : subscriber.source;
  return new Request(url, { headers: { upgrade: 'websocket', [SUBSCRIBER_HEADER]: source } });
}

export function readSubscriber(headers: Headers): Subscriber {
  const source = headers.get(SUBSCRIBER_HEADER) ?? SHARED_SOURCE;
  return source === VERIFIER ? { by: 'verifier' } : { by: 'stranger', source };
}

/** `epoch.seq` as a subscriber says where it is, `0.0` where nowhere; undefined for all else. */
export function readPlace(text: string | null): Omit<Position, 'chain'> | undefined {
  const [, epoch, seq] = /^(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,14})$/.exec(text ?? '') ?? [];
  return epoch === undefined ? undefined : { epoch: Number(epoch), seq: Number(seq) };
}
