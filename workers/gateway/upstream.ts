import type { Outcome } from '../../src/audit/index.ts';
import { readBounded } from '../../src/body.ts';
import { isJsonObject, type JsonObject } from '../../src/canonical-json.ts';
import { MCP_RESPONSE_BYTES_MAX, MCP_UPSTREAM_MILLISECONDS_MAX } from '../../src/limits.ts';
import type { McpMessage } from './message.ts';

/** What came back, read: the JSON-RPC answer to our id, or nothing for a notification. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly message?: JsonObject;
  readonly session?: string;
  readonly outcome: Outcome;
}

/**
 * Forwards what was judged: the body written anew from the parsed message, headers from an
 * allow-list. The capability stays here; the server behind is never handed a token (MCP: no token
 * passthrough).
 */
export async function callUpstream(
  url: string,
  message: McpMessage,
  from: Headers,
): Promise<UpstreamAnswer> {
  const started = Date.now();
  const answer = (
    status: number,
    result: Outcome['result'],
    bytes: number,
    rest: Partial<UpstreamAnswer> = {},
  ): UpstreamAnswer => ({
    status,
    ...rest,
    outcome: { status, result, bytes, milliseconds: Date.now() - started },
  });
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: forwardedHeaders(message, from),
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
      redirect: 'manual',
      signal: AbortSignal.timeout(MCP_UPSTREAM_MILLISECONDS_MAX),
    });
    const body = await readBounded(response, MCP_RESPONSE_BYTES_MAX);
    if (!body.ok) return answer(502, 'too_large', 0);
    const session = response.headers.get('mcp-session-id');
    const rest = session === null ? {} : { session };
    const bytes = body.value.length;
    if (message.id === undefined) {
      return response.ok
        ? answer(202, 'ok', bytes, rest)
        : answer(502, 'upstream_unreachable', bytes);
    }
    const found = findAnswer(response.headers.get('content-type') ?? '', body.value, message.id);
    if (!found) return answer(502, 'upstream_unreachable', bytes);
    return answer(response.ok ? 200 : response.status, resultOf(found), bytes, {
      ...rest,
      message: found,
    });
  } catch {
    return answer(502, 'upstream_unreachable', 0);
  }
}

function forwardedHeaders(message: McpMessage, from: Headers): Headers {
  const headers = new Headers({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-method': message.method,
  });
  const name = message.params?.name;
  if (message.method === 'tools/call' && typeof name === 'string') {
    headers.set('mcp-name', encodeHeader(name));
  }
  const version = from.get('mcp-protocol-version');
  if (version !== null && /^\d{4}-\d{2}-\d{2}$/.test(version)) {
    headers.set('mcp-protocol-version', version);
  }
  const session = from.get('mcp-session-id');
  if (session !== null && /^[\x21-\x7e]{1,256}$/.test(session)) {
    headers.set('mcp-session-id', session);
  }
  return headers;
}

/** MCP 2026-07-28: a name that is not plain ASCII travels as `=?base64?…?=`. */
function encodeHeader(name: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(name)) return name;
  return `=?base64?${btoa(String.fromCharCode(...new TextEncoder().encode(name)))}?=`;
}

/** The answer to `id` in a JSON body or among the events of a stream; all else in it is dropped. */
function findAnswer(type: string, body: string, id: string | number): JsonObject | undefined {
  const texts = type.startsWith('text/event-stream') ? eventData(body) : [body];
  for (const text of texts) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      continue;
    }
    if (isJsonObject(value) && value.id === id && ('result' in value || 'error' in value)) {
      return value;
    }
  }
  return undefined;
}

/** The `data` of each event (HTML Living Standard, section 9.2.6). */
const eventData = (body: string): readonly string[] =>
  body.split(/\r\n\r\n|\n\n|\r\r/).map((event) =>
    event
      .split(/\r\n|\n|\r/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(line.startsWith('data: ') ? 6 : 5))
      .join('\n'),
  );

function resultOf(answer: JsonObject): Outcome['result'] {
  if ('error' in answer) return 'protocol_error';
  const { result } = answer;
  return isJsonObject(result) && result.isError === true ? 'tool_error' : 'ok';
}
