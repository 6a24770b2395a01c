import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { EventStream, type StreamEvent } from '../event-stream.ts';

/** One message of a server, and where it stands in the stream that it came on. */
export interface ServerMessage {
  /** Absent for an event that only moves the position. */
  readonly message?: JsonObject;
  readonly eventId?: string;
  readonly retryMilliseconds?: number;
}

const ANSWER_CHARACTERS_MAX = 8 * 1024 * 1024; // Of one message; what gateways pass on is less.

/** Thrown for a body that is no answer of MCP. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer';
}

/** Returns the messages of a body as they arrive: one of JSON, or those of a stream of events. */
export async function* readMessages(response: Response): AsyncGenerator<ServerMessage> {
  const type = response.headers.get('content-type') ?? '';
  const isStream = /^text\/event-stream\b/i.test(type);
  if (!isStream) {
    const text = await readText(response);
    if (text.trim() === '') return;
    yield { message: parse(text) };
    return;
  }
  const events = new EventStream();
  for await (const text of textsOf(response)) {
    for (const event of events.push(text)) yield fromEvent(event);
    if (events.pending > ANSWER_CHARACTERS_MAX) throw new UnreadableAnswer('an event is too large');
  }
  const last = events.end();
  if (last !== undefined) yield fromEvent(last);
}

function fromEvent({ data, id, retry }: StreamEvent): ServerMessage {
  return {
    // Servers send an empty event first, so that a stream has a position to continue from.
    ...(data !== undefined && data.trim() !== '' && { message: parse(data) }),
    ...(id !== undefined && { eventId: id }),
    ...(retry !== undefined && { retryMilliseconds: retry }),
  };
}

async function readText(response: Response): Promise<string> {
  let text = '';
  for await (const piece of textsOf(response)) {
    text += piece;
    if (text.length > ANSWER_CHARACTERS_MAX) throw new UnreadableAnswer('the answer is too large');
  }
  return text;
}

async function* textsOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return;
  const decoder = new TextDecoder();
  for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
    yield decoder.decode(bytes, { stream: true });
  }
}

function parse(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnreadableAnswer('the answer is not JSON');
  }
  if (!isJsonObject(value)) throw new UnreadableAnswer('the answer is no JSON-RPC message');
  return value;
}
