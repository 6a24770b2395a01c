import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';

/** The id of a JSON-RPC request. */
export type RequestId = string | number;

/** One JSON-RPC message of a client. */
export type McpMessage =
  | {
      readonly kind: 'request';
      readonly id: RequestId;
      readonly method: string;
      readonly params: JsonObject;
    }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  /** An answer to a request of the server, such as an elicitation. */
  | { readonly kind: 'response'; readonly id: RequestId; readonly hasContent: boolean };

/**
 * Reads a message. Undefined for anything else, and for a batch: MCP has had none since 2025-06-18,
 * and each of its messages would need a decision of its own.
 */
export function readMessage(value: Json | undefined): McpMessage | undefined {
  if (!isJsonObject(value) || value.jsonrpc !== '2.0') return undefined;
  const { id, method, params = {} } = value;
  if (id !== undefined && !isRequestId(id)) return undefined;
  if (method === undefined) {
    const isAnswer = Object.hasOwn(value, 'result') !== Object.hasOwn(value, 'error');
    if (!isAnswer || id === undefined) return undefined;
    return { kind: 'response', id, hasContent: !saysNothing(value) };
  }
  if (typeof method !== 'string' || method.length > METHOD_LENGTH_MAX) return undefined;
  if (!isJsonObject(params)) return undefined;
  return id === undefined
    ? { kind: 'notification', method, params }
    : { kind: 'request', id, method, params };
}

/** The answer to a ping, or that the client does not answer. A tool cannot be misled by either. */
const saysNothing = ({ result }: JsonObject): boolean =>
  result === undefined || (isJsonObject(result) && Object.keys(result).length === 0);

const METHOD_LENGTH_MAX = 128; // The longest of MCP has 33.
const ID_LENGTH_MAX = 256; // It is kept while its request is in flight.

const isRequestId = (id: Json): id is RequestId =>
  Number.isSafeInteger(id) || (typeof id === 'string' && id.length <= ID_LENGTH_MAX);
