import { isJsonObject, type JsonObject } from '../canonical-json.ts';

/** The id of a JSON-RPC request. */
export type RpcId = string | number;

export interface RpcRequest {
  readonly id: RpcId;
  readonly method: string;
  readonly params?: JsonObject;
}

export interface RpcNotification {
  readonly method: string;
  readonly params?: JsonObject;
}

/** What a client sends. The members of an answer are not read. */
export type ClientMessage =
  | { readonly kind: 'request'; readonly request: RpcRequest }
  | { readonly kind: 'notification'; readonly notification: RpcNotification }
  /** The answer to a request of the server. */
  | { readonly kind: 'answer'; readonly answer: JsonObject }
  | { readonly kind: 'unreadable'; readonly id: RpcId | null; readonly why: string };

/** What the gateway reads of one message. */
export const MESSAGE_BYTES_MAX = 256 * 1024;

const unreadable = (why: string, id: unknown = null): ClientMessage => ({
  kind: 'unreadable',
  id: isId(id) ? id : null,
  why,
});

const isId = (id: unknown): id is RpcId => typeof id === 'string' || Number.isSafeInteger(id);

/** Reads one message of a client. Never throws. */
export function readClientMessage(text: string): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unreadable('the message is not JSON');
  }
  if (!isJsonObject(value)) return unreadable('the message is no JSON object, or a batch');
  const { id, method, params } = value;
  if (Buffer.byteLength(text) > MESSAGE_BYTES_MAX) {
    return unreadable(`the message is larger than ${MESSAGE_BYTES_MAX} bytes`, id);
  }
  if (typeof method !== 'string') {
    return isId(id)
      ? { kind: 'answer', answer: value }
      : unreadable('the message has neither a method nor an id');
  }
  if (params !== undefined && !isJsonObject(params)) {
    return unreadable('the parameters are not an object', id);
  }
  const message = { method, ...(params !== undefined && { params }) };
  if (id === undefined) return { kind: 'notification', notification: message };
  return isId(id)
    ? { kind: 'request', request: { id, ...message } }
    : unreadable('the id is neither a string nor a whole number');
}

export const JSON_RPC = { jsonrpc: '2.0' } as const;

export const resultOf = (id: RpcId, result: JsonObject): JsonObject => ({
  ...JSON_RPC,
  id,
  result,
});

export const errorOf = (
  id: RpcId | null,
  code: number,
  message: string,
  data?: JsonObject,
): JsonObject => ({
  ...JSON_RPC,
  id,
  error: { code, message, ...(data !== undefined && { data }) },
});

/** Codes of JSON-RPC 2.0 section 5.1, and the one of the gateway for a denial. */
export const RPC_CODES = {
  denied: -32_003,
  invalidRequest: -32_600,
  internal: -32_603,
} as const;

/** Returns the revision that a message names, as each request since 2026-07-28 does. */
export function statedRevision({ params }: RpcNotification): string | undefined {
  const meta = params?._meta;
  const named = isJsonObject(meta) ? meta['io.modelcontextprotocol/protocolVersion'] : undefined;
  return typeof named === 'string' ? named : undefined;
}

/**
 * What the client says to its server alone. Coding agents put ids of threads, turns and models into
 * `_meta`, which are no business of the server.
 */
export function withoutPrivateMeta(params: JsonObject | undefined): JsonObject | undefined {
  const meta = params?._meta;
  if (params === undefined || !isJsonObject(meta)) return params;
  const kept = Object.entries(meta).filter(
    ([name]) => name === 'progressToken' || name.startsWith('io.modelcontextprotocol/'),
  );
  const { _meta: _, ...rest } = params;
  return kept.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(kept) };
}
