import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import type { Deadline } from '../../call/deadline.ts';
import { notificationOf, passedNotification, type StreamOf } from '../from-server/notifications.ts';
import type { NextEvent, ServerEvents } from './server-events.ts';

/** What a server's stream means for the agent. */
export type Relayed =
  /** A message that is passed on before the answer. */
  | { readonly kind: 'message'; readonly message: JsonObject }
  /** The answer to the request, under our id. Nothing after it is read. */
  | { readonly kind: 'answer'; readonly message: JsonObject }
  | { readonly kind: 'end'; readonly end: Extract<NextEvent, { end: string }>['end'] };

/** A longer message is dropped, unless it is the answer: progress and logs are short. */
const MESSAGE_LENGTH_MAX = 64 * 1024;

/**
 * Judges a server's stream message by message: the answer, the notifications that an agent may
 * receive, and everything else, which is dropped.
 */
export class Relay {
  readonly #events: ServerEvents;
  readonly #deadline: Deadline;
  readonly #stream: StreamOf;

  constructor(events: ServerEvents, deadline: Deadline, stream: StreamOf) {
    this.#events = events;
    this.#deadline = deadline;
    this.#stream = stream;
  }

  get bytes(): number {
    return this.#events.bytes;
  }

  /** Returns what comes next for the agent. Never throws. */
  async next(): Promise<Relayed> {
    for (;;) {
      const next = await this.#events.next();
      if ('end' in next) return { kind: 'end', end: next.end };
      const relayed = this.#judge(next.event.data);
      if (relayed) return relayed;
    }
  }

  /** Ends the request at the server. */
  cancel(): void {
    this.#events.cancel();
    this.#deadline.end();
  }

  #judge(data: string | undefined): Relayed | undefined {
    if (data === undefined || data === '') return undefined;
    const { id } = this.#stream;
    // Parsing a long message only to drop it is expensive.
    if (data.length > MESSAGE_LENGTH_MAX && !data.includes(id)) return undefined;
    const message = parse(data);
    if (!message) return undefined;
    if ('id' in message) {
      const isAnswer = message.id === id && ('result' in message || 'error' in message);
      return isAnswer ? { kind: 'answer', message } : undefined;
    }
    if (data.length > MESSAGE_LENGTH_MAX) return undefined;
    const passed = passedNotification(message, this.#stream);
    if (passed && notificationOf(message.method)?.isProgress) this.#deadline.extend();
    return passed && { kind: 'message', message: passed };
  }
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
