import { EventStream, type StreamEvent } from '../../../../src/event-stream.ts';

/** What one look at a server's stream gives: an event, or why there are no more. */
export type NextEvent =
  | { readonly event: StreamEvent }
  | { readonly end: 'whole' | 'unreadable' | 'too_large' | 'cut' };

/** How much of a stream is read. */
export interface StreamBounds {
  readonly bytesMax: number;
  readonly eventsMax: number;
}

/**
 * Reads a server's stream event by event, no faster than the agent takes them, and only so far: a
 * stream that never ends is ended. An event counts at its blank line, and the last one also if the
 * stream is cut before it.
 */
export class ServerEvents {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #bounds: StreamBounds;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  readonly #stream = new EventStream();
  #waiting: StreamEvent[] = [];
  #end: Extract<NextEvent, { end: string }> | undefined;
  #bytes = 0;
  #events = 0;

  constructor(body: ReadableStream<Uint8Array> | null, bounds: StreamBounds) {
    this.#reader = body?.getReader();
    this.#bounds = bounds;
  }

  /** The bytes that were read. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Returns the next event. Never throws. */
  async next(): Promise<NextEvent> {
    for (;;) {
      const event = this.#waiting.shift();
      if (event) {
        this.#events += 1;
        if (this.#events > this.#bounds.eventsMax) return { end: 'too_large' };
        return { event };
      }
      if (this.#end) return this.#end;
      await this.#read();
    }
  }

  /** Reads no further. Nothing waits for the server to learn that. */
  cancel(): void {
    this.#end ??= { end: 'cut' };
    this.#reader?.cancel().catch(() => undefined);
  }

  async #read(): Promise<void> {
    const chunk = await this.#reader?.read().catch(() => 'cut' as const);
    if (chunk === 'cut') return this.#finish(chunk);
    if (!chunk || chunk.done) return this.#finish('whole');
    this.#bytes += chunk.value.length;
    if (this.#bytes > this.#bounds.bytesMax) {
      this.#end = { end: 'too_large' };
      return;
    }
    const text = this.#decode(chunk.value);
    if (text === undefined) return this.#finish('unreadable');
    for (const event of this.#stream.push(text)) this.#waiting.push(event);
  }

  /** Returns undefined for bytes that are not UTF-8: another reader might replace them. */
  #decode(bytes: Uint8Array): string | undefined {
    try {
      return this.#decoder.decode(bytes, { stream: true });
    } catch {
      return undefined;
    }
  }

  #finish(end: Extract<NextEvent, { end: string }>['end']): void {
    const last = this.#stream.end();
    if (last) this.#waiting.push(last);
    this.#end ??= { end };
  }
}
