import * as v from 'valibot';
import { readBounded } from '../../../src/body.ts';
import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import { mismatchedHeader } from '../../../src/mcp-headers/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { within } from '../../../src/within.ts';
import type { MessageError } from '../call/denial.ts';

const MCP_REQUEST_BYTES_MAX = 256 * 1024;
const MCP_REQUEST_MILLISECONDS_MAX = 30_000; // A body comes in one piece from any working client.
const MCP_REQUEST_DEPTH_MAX = 64; // JSON.stringify recurses, and the stack holds some thousands.

/** One JSON-RPC message of an agent, which every reader reads in the same way. */
export interface McpMessage {
  /** Absent for a notification. */
  readonly id?: string | number;
  readonly method: string;
  readonly params?: JsonObject;
}

/** An agent's answer to a request that the server sent through the gateway. */
export interface AgentAnswer {
  readonly id: string | number;
  readonly result?: JsonObject;
  readonly error?: JsonObject;
}

const messageSchema = v.strictObject({
  jsonrpc: v.literal('2.0'),
  id: v.optional(
    v.union([v.pipe(v.string(), v.maxLength(256)), v.pipe(v.number(), v.safeInteger())]),
  ),
  method: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  // Unchanged: a record schema turns a list into an object and drops members such as `__proto__`.
  params: v.optional(v.custom<JsonObject>(isJsonObject)),
});

const anyId = v.union([
  v.pipe(v.string(), v.maxLength(4_096)),
  v.pipe(v.number(), v.safeInteger()),
]);
const answerSchema = v.union([
  v.strictObject({
    jsonrpc: v.literal('2.0'),
    id: anyId,
    result: v.custom<JsonObject>(isJsonObject),
  }),
  v.strictObject({
    jsonrpc: v.literal('2.0'),
    id: anyId,
    error: v.custom<JsonObject>(isJsonObject),
  }),
]);

const malformed = (why: string): Result<never, MessageError> =>
  refuse({ code: 'message_malformed', why });

/** Why a message is not read, and its id if that is known. */
type UnreadMessage = MessageError & Pick<McpMessage, 'id'>;

/** Reads a message. Checks its size, nesting and shape, and that its headers match its body. */
export async function readMessage(
  request: Request,
): Promise<Result<McpMessage | AgentAnswer, UnreadMessage>> {
  // The read fails if the client is gone, or too slow, before the body is complete.
  const reading = readBounded(request, MCP_REQUEST_BYTES_MAX);
  const body = await within(reading, MCP_REQUEST_MILLISECONDS_MAX).catch(() => undefined);
  if (!body) return malformed('truncated');
  if (!body.ok) {
    return body.error.code === 'body_too_large'
      ? refuse({ code: 'message_too_large' })
      : malformed('not UTF-8');
  }
  // Before parsing: rewriting a deeply nested message would exhaust the stack.
  if (nestsDeeperThan(body.value, MCP_REQUEST_DEPTH_MAX)) return malformed('nested too deeply');
  let value: unknown;
  try {
    value = JSON.parse(body.value);
  } catch {
    return malformed('not JSON');
  }
  if (Array.isArray(value)) return refuse({ code: 'batch_refused' });
  if (isJsonObject(value) && !('method' in value)) return readAnswer(value);
  const parsed = v.safeParse(messageSchema, value);
  if (!parsed.success) return malformed('not a JSON-RPC 2.0 request, notification or response');
  const message = parsed.output as McpMessage;
  const mismatch = mismatchedHeader(request.headers, message);
  if (mismatch === undefined) return ok(message);
  const { id } = message;
  return refuse({ code: 'header_mismatch', header: mismatch, ...(id !== undefined && { id }) });
}

function readAnswer(value: JsonObject): Result<AgentAnswer, MessageError> {
  const parsed = v.safeParse(answerSchema, value);
  return parsed.success
    ? ok(parsed.output)
    : malformed('not a JSON-RPC 2.0 request, notification or response');
}

/** Counts brackets outside strings: exact for JSON, and harmless for anything else. */
function nestsDeeperThan(text: string, depthMax: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (quoted) {
      if (sign === '\\') i++;
      else if (sign === '"') quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === '{' || sign === '[') depth++;
    else if (sign === '}' || sign === ']') depth--;
    if (depth > depthMax) return true;
  }
  return false;
}
