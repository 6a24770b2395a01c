import { sha256 } from '@noble/hashes/sha2.js';
import type { JsonObject } from '../../../../src/canonical-json.ts';
import { toHex } from '../../../../src/encoding.ts';
import type { Hold } from '../../call/transport.ts';
import type { Mark } from './relay.ts';

/**
 * How often a silent stream gets a comment, and its workflow is looked up again. Only a write shows
 * that the client is gone.
 */
const BEAT_MILLISECONDS = 5_000;
const COMMENT = ':\n\n';

/** What an agent receives, piece by piece. */
export interface AgentStream {
  /** Returns the next event as text; undefined at the end of the stream. */
  next(): Promise<string | undefined>;
  /** Ends the stream: the client is gone, or must not receive more. `next` returns soon. */
  cancel(): void;
  /** Whether it has ended, although nothing took its end yet. */
  isOver(): boolean;
}

/** Returns the event of a message, or of a position without one. */
export function eventOf(message: JsonObject | undefined, { id, retry }: Mark): string {
  const fields = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(retry === undefined ? [] : [`retry: ${retry}`]),
    `data: ${message ? JSON.stringify(message) : ''}`,
  ];
  return `${fields.join('\n')}\n\n`;
}

/** A stream of events, and what the agent receives of it. */
interface EventAnswer {
  readonly response: Response;
  /**
   * The SHA-256 of all bytes up to the end of the answer; undefined if the stream ends without one.
   * Settles once the source is over, and never rejects.
   */
  readonly digest: Promise<string | undefined>;
}

/**
 * Answers with a stream of events. Each is taken from the source when the client has taken the one
 * before, so a slow client slows the server down and fills no memory.
 */
export function eventResponse(source: AgentStream, headers: Headers, hold: Hold): EventAnswer {
  const encoder = new TextEncoder();
  const hash = sha256.create();
  let settle: (digest?: string) => void = () => undefined;
  const digest = new Promise<string | undefined>((resolve) => {
    settle = resolve;
  });
  let timer: ReturnType<typeof setInterval> | undefined;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    clearInterval(timer);
    settle();
  };
  const send = (controller: ReadableStreamDefaultController<Uint8Array>, text: string): void => {
    const bytes = encoder.encode(text);
    hash.update(bytes);
    controller.enqueue(bytes);
  };
  const beat = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    if (source.isOver()) {
      // A client that reads nothing would keep the stream, and this timer, for as long as it stays.
      end();
      return controller.close();
    }
    if ((controller.desiredSize ?? 0) > 0) send(controller, COMMENT);
    // It rejects because of a bug only. What cannot be looked up may be stopped.
    const mayContinue = await hold.mayContinue().catch(() => false);
    if (mayContinue || isOver) return;
    source.cancel();
    settle();
  };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      timer = setInterval(() => {
        // A stream that was closed meanwhile throws.
        beat(controller).catch(() => undefined);
      }, BEAT_MILLISECONDS);
    },
    pull: async (controller) => {
      try {
        const text = await source.next();
        if (isOver) return;
        if (text !== undefined) send(controller, text);
        if (text !== undefined && !source.isOver()) return;
        // Nothing follows the answer.
        if (text !== undefined) settle(toHex(hash.digest()));
        end();
        controller.close();
      } catch (error) {
        end();
        throw error;
      }
    },
    cancel: () => {
      end();
      source.cancel();
    },
  });
  headers.set('content-type', 'text/event-stream');
  headers.set('cache-control', 'no-store');
  headers.set('x-accel-buffering', 'no');
  return { response: new Response(body, { headers }), digest };
}
