import type { Position } from '../../../src/feed/index.ts';
import { SUBSCRIBERS_MAX } from '../../../src/limits.ts';

/**
 * The open sockets of the log (docs/feed.md, "Sockets"). They hibernate: between two entries the
 * object sleeps. A subscriber has nothing to say; whoever sends something is cut off.
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
  accept(greeting: Uint8Array<ArrayBuffer>): Response | undefined {
    if (this.#count >= SUBSCRIBERS_MAX) return undefined;
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server);
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

/** `epoch.seq` as a subscriber says where it is, `0.0` where nowhere; undefined for all else. */
export function readPlace(text: string | null): Omit<Position, 'chain'> | undefined {
  const [, epoch, seq] = /^(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,14})$/.exec(text ?? '') ?? [];
  return epoch === undefined ? undefined : { epoch: Number(epoch), seq: Number(seq) };
}
