import { isJsonObject } from '../canonical-json.ts';
import { denialResult, type ReadableDenial } from '../tool-denial/index.ts';
import { challenge, resourceMetadataUrl, withResourceMetadata } from '../verifier/index.ts';
import type { DeniedMessage, DeniedWire } from './denial.ts';
import type { McpMessage, RequestId } from './message.ts';

/** The responses of denials, in JSON-RPC. */

/** JSON-RPC codes; `denied` is outside the range that MCP reserves (-32020 to -32099). */
const RPC_CODES = {
  denied: -32_003,
  session_unknown: -32_001,
  method_denied: -32_601,
  invalid_request: -32_600,
} as const;

/** A tool's denial is a result, which the model reads; that of any other request is an error. */
export function denyMessage({ message }: DeniedMessage, denial: ReadableDenial): Response {
  if (message?.kind !== 'request') return errorResponse(undefined, denial, { status: 403 });
  const { id, method } = message;
  if (method !== 'tools/call') return errorResponse(id, denial);
  const result = denialResult(denial, isModern(message));
  return Response.json(
    { jsonrpc: '2.0', id, result },
    { headers: { 'cache-control': 'no-store' } },
  );
}

/** Whether the client speaks a revision of MCP from 2026-07-28 on, whose requests say so. */
function isModern({ params }: Extract<McpMessage, { kind: 'request' }>): boolean {
  const meta = params._meta;
  return isJsonObject(meta) && Object.hasOwn(meta, 'io.modelcontextprotocol/protocolVersion');
}

/** Returns the denial of what uses no tool, with its status. */
export function denySession({ message }: DeniedMessage, wire: DeniedWire): Response {
  const { code, message: text, status } = wire;
  const headers = status === 503 ? { 'retry-after': '1' } : {};
  return errorResponse(idOf(message), { text, data: { code, message: text } }, { status, headers });
}

/** A client that gets this looks up the issuer in the metadata, and obtains a capability. */
export function unauthorized(
  { message, realm, audience, scheme }: DeniedMessage,
  wire: DeniedWire,
): Response {
  const { code, message: text, status, error } = wire;
  const authenticate = error && challenge({ code, message: text, status, error }, realm, scheme);
  const headers = authenticate === undefined ? {} : { 'www-authenticate': authenticate };
  const data = { code, message: text };
  const response = errorResponse(idOf(message), { text, data }, { status, headers });
  return withResourceMetadata(response, resourceMetadataUrl(audience));
}

/** Returns the answer to a body that is not one message. */
export function unreadable(code: string): Response {
  const text = 'The body is not one JSON-RPC 2.0 message, or it is too large.';
  const status = code === 'body_too_large' ? 413 : code === 'body_type_unsupported' ? 415 : 400;
  return errorResponse(undefined, { text, data: { code, message: text } }, { status });
}

const idOf = (message: McpMessage | undefined): RequestId | undefined =>
  message?.kind === 'request' ? message.id : undefined;

function errorResponse(
  id: RequestId | undefined,
  { text, data }: ReadableDenial,
  init: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): Response {
  const rpc = init.status === 400 ? 'invalid_request' : String(data.code);
  const code = Object.hasOwn(RPC_CODES, rpc) ? RPC_CODES[rpc as 'denied'] : RPC_CODES.denied;
  const headers = { ...init.headers, 'cache-control': 'no-store' };
  const error = { code, message: text, data };
  return Response.json({ jsonrpc: '2.0', id: id ?? null, error }, { ...init, headers });
}
