import { isJsonObject, type JsonObject } from '../canonical-json.ts';

/** The tool and arguments of an MCP `tools/call` request. */
export interface McpToolCall {
  readonly name: string;
  readonly args: JsonObject;
}

/** Undefined for every other message. */
export function readToolCall(body: string): McpToolCall | undefined {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isJsonObject(message) || message.method !== 'tools/call') return undefined;
  const { params } = message;
  if (!isJsonObject(params) || typeof params.name !== 'string') return undefined;
  const args = params.arguments ?? {};
  return isJsonObject(args) ? { name: params.name, args } : undefined;
}
