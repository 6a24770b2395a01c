import { upstreamLimits } from '../../call-limits.ts';
import { isJsonObject, type Json, type JsonObject } from '../../canonical-json.ts';
import { argumentNodes } from '../../capability/index.ts';
import type { UnixSeconds } from '../../clock.ts';
import { utf8 } from '../../encoding.ts';
import { parseJson } from '../../json-body.ts';
import { scalarOf } from '../../provenance/index.ts';
import {
  ATTACHED_HEADER,
  ATTACHED_META,
  writeAttachedHeader,
  writeAttachedMeta,
} from '../../receipts/index.ts';
import type { AgentReceipts } from './agent-receipts.ts';

/** A gateway reads no longer message, unless its upstream allows more. */
const MESSAGE_BYTES_MAX = upstreamLimits().requestBytes;

/** A request, as far as it was read to narrow its token. */
export interface AttachingRequest {
  readonly request: Request;
  /** Its body, unless it goes to an HTTP API of a gateway. */
  readonly text: string | undefined;
  /** The arguments of its call, if it is a call of a tool. */
  readonly args: JsonObject | undefined;
  /** Pointers to arguments that are content, which comes from nowhere. */
  readonly content: readonly string[] | undefined;
}

/**
 * Attaches the leaves whose value is an argument of the call: in `_meta` of a message of MCP, else
 * in a header. A verifier may lack them: another gateway than the one that read, one that was
 * restarted, or an API that has none. It verifies each of them, so a hijacked agent gains nothing
 * by attaching others.
 */
export async function attachReceipts(
  { request, text, args, content }: AttachingRequest,
  receipts: AgentReceipts,
  now: UnixSeconds,
): Promise<Request> {
  if (receipts.isEmpty) return request;
  const message = text === undefined ? undefined : parseJson(text);
  const isMcp = isJsonObject(message) && Object.hasOwn(message, 'jsonrpc');
  if (isMcp && !args) return request;
  const values = valuesIn(args ?? argumentsOf(request, message), content);
  const leaves = await receipts.leavesOf(values, now);
  if (isMcp) return inMessage(request, message, writeAttachedMeta({ leaves }));
  const header = writeAttachedHeader({ leaves });
  if (header === undefined || request.headers.has(ATTACHED_HEADER)) return request;
  const headers = new Headers(request.headers);
  headers.set(ATTACHED_HEADER, header);
  return new Request(request, { headers });
}

/** What the caller attached itself stays. A message that would become too long gets nothing. */
function inMessage(
  request: Request,
  message: JsonObject,
  attached: JsonObject | undefined,
): Request {
  const { params } = message;
  if (!attached || !isJsonObject(params)) return request;
  const meta = isJsonObject(params._meta) ? params._meta : {};
  if (Object.hasOwn(meta, ATTACHED_META)) return request;
  const _meta = { ...meta, [ATTACHED_META]: attached };
  const body = JSON.stringify({ ...message, params: { ...params, _meta } });
  if (utf8(body).length > MESSAGE_BYTES_MAX) return request;
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  return new Request(request, { headers, body });
}

/**
 * Returns what may be arguments of a request to an API that has no gateway: only the API knows its
 * routes.
 */
function argumentsOf({ url }: Request, body: Json | undefined): JsonObject {
  const { pathname, searchParams } = new URL(url);
  const path = pathname.split('/').map(decoded);
  return { path, query: [...searchParams.values()], ...(isJsonObject(body) && { body }) };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function valuesIn(args: JsonObject, content: readonly string[] = []) {
  const nodes = argumentNodes(args, content);
  return nodes.ok ? nodes.value.flatMap((node) => scalarOf(node) ?? []) : [];
}
