import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';

const REPLY_BYTES_MAX = 8 * 1024 * 1024; // The largest tool lists in use have some 200 KB.

/**
 * Returns the JSON-RPC response with this id out of an answer, in JSON or as an event stream.
 * Returns undefined if the answer has none. Reads no further than the response.
 */
export async function readReply(
  response: Response,
  id: unknown,
): Promise<Result<JsonObject | undefined, string>> {
  const type = response.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (id === undefined || response.body === null || !TYPES.includes(type ?? '')) {
    await response.body?.cancel();
    return ok(undefined);
  }
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > REPLY_BYTES_MAX) return refuse(`its answer is over ${REPLY_BYTES_MAX} bytes`);
    text += decoder.decode(chunk, { stream: true });
    if (type !== EVENTS) continue;
    const [events, rest] = splitEvents(text);
    text = rest;
    const found = events.map((event) => messageOf(event, id)).find(Boolean);
    if (found) return ok(found);
  }
  return ok(messageOf(type === EVENTS ? dataOf(text) : text, id));
}

const EVENTS = 'text/event-stream';
const TYPES = ['application/json', EVENTS];

/** Returns the data of each complete event, and what follows them. */
function splitEvents(text: string): readonly [events: readonly string[], rest: string] {
  const parts = text.replace(/\r\n?/g, '\n').split('\n\n');
  const rest = parts.pop() ?? '';
  return [parts.map(dataOf), rest];
}

const dataOf = (event: string): string =>
  event
    .split(/\r\n?|\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trimStart())
    .join('\n');

function messageOf(text: string, id: unknown): JsonObject | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return isJsonObject(message) && message.id === id ? message : undefined;
  } catch {
    return undefined;
  }
}
