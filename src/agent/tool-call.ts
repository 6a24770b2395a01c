import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';

/** The tool and arguments of an MCP `tools/call` request. */
export interface McpToolCall {
  readonly name: string;
  readonly args: JsonObject;
}

const unreadable = refuse({ code: 'call_unreadable' } as const);

/**
 * Returns the tool call in a body; undefined for any other message. Refuses a call whose tool
 * cannot be read, and a batch, which may contain a call: as a message without a tool, each would be
 * sent with a token that is valid for every tool.
 */
export function readToolCall(
  body: string,
): Result<McpToolCall | undefined, { readonly code: 'call_unreadable' }> {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return ok(undefined);
  }
  if (Array.isArray(message)) return unreadable;
  if (!isJsonObject(message) || message.method !== 'tools/call') return ok(undefined);
  const { params } = message;
  if (!isJsonObject(params) || typeof params.name !== 'string') return unreadable;
  const args = params.arguments ?? {};
  return isJsonObject(args) ? ok({ name: params.name, args }) : unreadable;
}
