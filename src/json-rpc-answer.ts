import { isJsonObject, type JsonObject } from './canonical-json.ts';
import { EventStream, type StreamEvent } from './event-stream.ts';

/** What was read of a server's body. */
export interface ReadAnswer {
  /** The JSON-RPC answer to our id. Everything else in the body is dropped. */
  readonly message?: JsonObject;
  readonly bytes: number;
  /** Why reading ended, if there is no answer. */
  readonly end: 'whole' | 'too_large' | 'cut';
  /** Whether the body was read to its end: nothing of the request is left. */
  readonly isAtEnd: boolean;
}

/**
 * Reads up to the answer to `id`, in a JSON body or among the events of a stream, and no further: a
 * server may keep its stream open, or lose it, after the answer. An answer in a truncated body
 * counts. Never throws.
 */
export async function readAnswer(
  response: Response,
  id: string,
  bytesMax: number,
): Promise<ReadAnswer> {
  const type = response.headers.get('content-type') ?? '';
  const finder = type.startsWith('text/event-stream') ? eventFinder(id) : bodyFinder(id);
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  let bytes = 0;
  let end: ReadAnswer['end'] = 'whole';
  let message: JsonObject | undefined;
  let isAtEnd = !reader;
  try {
    while (reader && !message) {
      const { done, value } = await reader.read();
      isAtEnd = done;
      if (done) break;
      bytes += value.length;
      if (bytes > bytesMax) {
        end = 'too_large';
        break;
      }
      const text = decode(decoder, value);
      if (text === undefined) break;
      message = finder.push(text);
    }
  } catch {
    end = 'cut';
  }
  if (end !== 'too_large') message ??= finder.end();
  // The rest is not read, and nothing waits for the server to learn that.
  if (!isAtEnd) reader?.cancel().catch(() => undefined);
  return { bytes, end, isAtEnd, ...(message && { message }) };
}

/** Returns undefined for bytes that are not UTF-8. */
function decode(decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

interface Finder {
  push(text: string): JsonObject | undefined;
  end(): JsonObject | undefined;
}

function eventFinder(id: string): Finder {
  const events = new EventStream();
  const first = (all: readonly (StreamEvent | undefined)[]): JsonObject | undefined => {
    for (const event of all) {
      const message = event?.data === undefined ? undefined : answerIn(event.data, id);
      if (message) return message;
    }
    return undefined;
  };
  return { push: (text) => first(events.push(text)), end: () => first([events.end()]) };
}

function bodyFinder(id: string): Finder {
  const pieces: string[] = [];
  return {
    push: (text) => {
      pieces.push(text);
      return undefined;
    },
    end: () => {
      const text = pieces.join('');
      return answerIn(text, id) ?? answerInLines(text, id);
    },
  };
}

/** Some servers send what comes before the answer in the same body, with a message in each line. */
function answerInLines(text: string, id: string): JsonObject | undefined {
  const answers = text
    .split('\n')
    .map((line) => answerIn(line, id))
    .filter((answer) => answer !== undefined);
  // Two answers to one id would have two readings.
  return answers.length === 1 ? answers[0] : undefined;
}

function answerIn(text: string, id: string): JsonObject | undefined {
  // Most events of a stream are no answer, and parsing only to find that out is expensive.
  if (!text.includes(id)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const isAnswer =
    isJsonObject(value) && value.id === id && ('result' in value || 'error' in value);
  return isAnswer ? (value as JsonObject) : undefined;
}
