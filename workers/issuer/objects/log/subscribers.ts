import { toBase64Url } from '../../../../src/encoding.ts';
import type { Position, SignedHead } from '../../../../src/feed/index.ts';
import { SUBSCRIBERS_MAX } from '../../../../src/limits.ts';

/**
 * What a subscriber is sent, as JSON: the newest head, and the records of `(from, seq]` that lead
 * to it. Without records it fetches what it lacks, by the routes that everybody uses.
 */
export interface FeedMessage {
  readonly head: SignedHead;
  readonly from?: number;
  /** base64url; see `decodeRecords`. */
  readonly records?: string;
}

export const feedMessage = (head: SignedHead, from?: number, records?: Uint8Array): string =>
  JSON.stringify({
    head,
    ...(from !== undefined && records && { from, records: toBase64Url(records) }),
  } satisfies FeedMessage);

/**
 * The open sockets of the log. They hibernate: between two entries the object sleeps, and pings are
 * answered without waking it. A subscriber has nothing to say; whoever sends something is cut off.
 */
export class Subscribers {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  get count(): number {
    return this.#ctx.getWebSockets().length;
  }

  /** Undefined where no more are taken. */
  accept(greeting: string): Response | undefined {
    if (this.count >= SUBSCRIBERS_MAX) return undefined;
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server);
    server.send(greeting);
    return new Response(null, { status: 101, webSocket: client });
  }

  send(message: string): void {
    for (const socket of this.#ctx.getWebSockets()) {
      try {
        socket.send(message);
      } catch {
        // It is gone, and says so itself when it can.
      }
    }
  }
}

/** `epoch.seq` as a subscriber says where it is; undefined for anything else. */
export function readPlace(text: string | null): Omit<Position, 'chain'> | undefined {
  const [, epoch, seq] = /^([1-9]\d{0,9})\.(0|[1-9]\d{0,14})$/.exec(text ?? '') ?? [];
  return epoch === undefined ? undefined : { epoch: Number(epoch), seq: Number(seq) };
}
