import type { JsonObject } from '../../../../src/canonical-json.ts';
import type { StreamEvent } from '../../../../src/event-stream.ts';
import type { Deadline } from '../../call/deadline.ts';
import { judge } from '../from-server/judge.ts';
import { type StreamOf, sealPosition } from '../from-server/stream-of.ts';
import type { NextEvent, ServerEvents } from './server-events.ts';

/** What a server's stream means for the agent. */
export type Relayed =
  /** A message that is passed on before the answer, or only a position in the stream. */
  | { readonly kind: 'event'; readonly message?: JsonObject; readonly mark: Mark }
  /** The answer to the request, under our id. Nothing after it is read. */
  | { readonly kind: 'answer'; readonly message: JsonObject; readonly mark: Mark }
  | { readonly kind: 'end'; readonly end: Extract<NextEvent, { end: string }>['end'] };

/** The fields of an event from which a client continues after a disconnect. */
export interface Mark {
  readonly id?: string;
  readonly retry?: number;
}

export interface RelayOptions {
  readonly events: ServerEvents;
  readonly deadline: Deadline;
  readonly stream: StreamOf;
  /** Sends the gateway's own answer to a request of the server. */
  readonly reply: (message: JsonObject) => void;
}

const RETRY_MILLISECONDS_MAX = 60_000; // A client that waits longer looks as if it had left.

/**
 * Judges a server's stream message by message: the answer, what an agent may receive, what the
 * gateway answers itself, and everything else, which is dropped.
 */
export class Relay {
  readonly #options: RelayOptions;
  #isResumable = false;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#options.events.bytes;
  }

  /** Whether the agent has a position from which it can continue after the end. */
  get isResumable(): boolean {
    return this.#isResumable;
  }

  /** Returns what comes next for the agent. Never throws. */
  async next(): Promise<Relayed> {
    const { events } = this.#options;
    for (;;) {
      const next = await events.next();
      if ('end' in next) return { kind: 'end', end: next.end };
      const relayed = await this.#relay(next.event);
      if (relayed) return relayed;
    }
  }

  async #relay(event: StreamEvent): Promise<Relayed | undefined> {
    const { deadline, stream, reply } = this.#options;
    if (event.type !== undefined) return undefined;
    const mark = await this.#markOf(event);
    if (event.data === undefined || event.data === '') {
      return Object.keys(mark).length > 0 ? { kind: 'event', mark } : undefined;
    }
    const judged = await judge(event.data, stream);
    if (judged?.kind === 'answer') return { ...judged, mark };
    if (judged?.kind === 'reply') reply(judged.reply);
    if (judged?.kind !== 'message') return undefined;
    if (judged.gives === 'seconds') deadline.extend();
    if (judged.gives === 'bound') deadline.extendToBound();
    return { kind: 'event', message: judged.message, mark };
  }

  async #markOf({ id, retry }: StreamEvent): Promise<Mark> {
    const { stream } = this.#options;
    if (!stream.hasEventIds) return {};
    const sealed = id === undefined || id === '' ? undefined : await sealPosition(stream, id);
    if (sealed !== undefined) this.#isResumable = true;
    return {
      ...(sealed !== undefined && { id: sealed }),
      ...(retry !== undefined && { retry: Math.min(retry, RETRY_MILLISECONDS_MAX) }),
    };
  }

  /** Ends the request at the server. */
  cancel(): void {
    this.#options.events.cancel();
    this.#options.deadline.end();
  }
}
