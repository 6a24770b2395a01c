import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import { passedMeta } from './meta.ts';
import { passedNotification } from './notifications.ts';
import { askedOfClient, isPing } from './requests.ts';
import { type StreamOf, sealRequestId } from './stream-of.ts';

/** What becomes of one message of a server. */
export type Judged =
  /** The answer to the request of the stream, under our id. */
  | { readonly kind: 'answer'; readonly message: JsonObject }
  /** Passed on. `gives`: how much more time the request gets. */
  | {
      readonly kind: 'message';
      readonly message: JsonObject;
      readonly gives?: 'seconds' | 'bound' | undefined;
    }
  /** Answered by the gateway, so that the server waits for nothing. */
  | { readonly kind: 'reply'; readonly reply: JsonObject };

/** A longer message is dropped, unless it is the answer: progress, logs and questions are short. */
const MESSAGE_LENGTH_MAX = 64 * 1024;
const ASKED_MAX = 100; // Of one stream, to be cancelled by the server.
const METHOD_NOT_FOUND = -32_601;

/** Judges one message of a server. Returns undefined for one that is dropped. */
export async function judge(data: string, stream: StreamOf): Promise<Judged | undefined> {
  const { request } = stream;
  const isLong = data.length > MESSAGE_LENGTH_MAX;
  // Parsing a long message only to drop it is expensive.
  if (isLong && !(request && data.includes(request.id))) return undefined;
  const message = parse(data);
  if (!message) return undefined;
  if ('method' in message) {
    if (isLong) return undefined;
    return 'id' in message ? judgeRequest(message, stream) : judgeNotification(message, stream);
  }
  const isAnswer =
    request && message.id === request.id && ('result' in message || 'error' in message);
  return isAnswer ? { kind: 'answer', message } : undefined;
}

async function judgeNotification(
  message: JsonObject,
  stream: StreamOf,
): Promise<Judged | undefined> {
  const passed = await passedNotification(message, stream);
  return passed && { kind: 'message', ...passed };
}

async function judgeRequest(
  { id, method, params }: JsonObject,
  stream: StreamOf,
): Promise<Judged | undefined> {
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) return undefined;
  const asked = { id: id as string | number, method: String(method) };
  if (isPing(method)) return { kind: 'reply', reply: { jsonrpc: '2.0', id: asked.id, result: {} } };
  if (!askedOfClient(method, stream.allowed)) {
    const error = { code: METHOD_NOT_FOUND, message: 'This client does not answer the method.' };
    return { kind: 'reply', reply: { jsonrpc: '2.0', id: asked.id, error } };
  }
  const given = isJsonObject(params) ? params : {};
  const passed = { ...given, ...(await passedMeta(given, stream)) };
  const sealed = await sealRequestId(stream, asked);
  if (stream.asked.size >= ASKED_MAX) stream.asked.clear();
  stream.asked.set(asked.id, sealed);
  const message = { jsonrpc: '2.0', id: sealed, method: asked.method, params: passed };
  // A person may have to answer.
  return { kind: 'message', message, gives: 'bound' };
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
