import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import {
  type DenialError,
  GATEWAY_DENIALS,
  type GatewayDenialEntry,
  UPSTREAM_FAILURES,
} from '../../../src/denials/index.ts';
import { allowedInstead, historyRefusalOf } from '../../../src/history/index.ts';
import { denialResult, describeToolDenial, ruleOf } from '../../../src/tool-denial/index.ts';
import { requiredBy } from '../../../src/tool-schema/index.ts';
import {
  challenge,
  type NeededDetail,
  type Scheme,
  scopeParameter,
  toWire as verifierWire,
  type WireDenial,
} from '../../../src/verifier/index.ts';
import { aboutHistory } from '../call/about-history.ts';
import { type GatewayDenial, isGatewayDenial } from '../call/denial.ts';
import type { DenialContext } from '../call/transport.ts';
import type { UpstreamFailure } from '../call/upstream-failure.ts';
import type { CatalogueGap } from '../catalogues.ts';
import type { McpMessage } from './message.ts';

/** The id of a JSON-RPC request; absent for a notification, and for an unreadable message. */
export type RequestId = string | number | undefined;

const REALM = 'hewn';

const INTERNAL_ERROR = -32_603;
const RPC_CODES = {
  denied: -32_003, // Outside the range that MCP reserves (-32020 to -32099).
  // MCP 2026-07-28 reserves this code for a header that contradicts the body.
  header_mismatch: -32_020,
  invalid_params: -32_602,
  invalid_request: -32_600,
  method_not_found: -32_601,
  parse_error: -32_700,
  revision_unsupported: -32_022, // As MCP 2026-07-28 says.
} as const satisfies Readonly<Record<GatewayDenialEntry['rpc'], number>>;

interface Wire {
  readonly status: number;
  readonly message: string;
  readonly rpc: GatewayDenialEntry['rpc'];
  readonly challenge?: string | undefined;
  readonly about?: WireDenial['about'] | JsonObject;
}

function toWire(denial: GatewayDenial, scheme: Scheme | undefined): Wire {
  if (isGatewayDenial(denial)) {
    const refusal = historyRefusalOf(denial);
    const row = GATEWAY_DENIALS[denial.code];
    return refusal ? { ...row, about: aboutHistory(refusal) } : row;
  }
  const wire = verifierWire(denial);
  const { status, message, about } = wire;
  const shown = { status, message, rpc: 'denied' as const, ...(about && { about }) };
  return status === 401 ? { ...shown, challenge: challenge(wire, REALM, scheme) } : shown;
}

export interface McpDenialContext extends DenialContext {
  readonly id?: RequestId;
  /**
   * Whether a 403 carries what is needed as an `insufficient_scope` challenge too (MCP 2026-07-28).
   * Off by default: a client of the MCP SDK answers that header with a browser login, and drops the
   * body.
   */
  readonly stepUpChallenge?: boolean;
  /** Whether the request names a session. */
  readonly isInSession?: boolean;
  /** The message that was denied, and who mints capabilities: for a denial that a model reads. */
  readonly readable?: { readonly issuer: string; readonly message: McpMessage };
}

/**
 * Returns a denial. That of a call of a tool is a result whose text a model reads, unless the
 * deployment wants errors. Any other is a JSON-RPC error with the request's id; its `data` has the
 * stable code and, if a wider capability is all that the call lacks, what to ask the issuer for.
 */
export function denialResponse(denial: GatewayDenial, context: McpDenialContext = {}): Response {
  const { id, scheme, needed, approval, gap } = context;
  const { stepUpChallenge = false, isInSession = false } = context;
  const { code } = denial;
  const wire = toWire(denial, scheme);
  if (isRead(denial, wire, context)) return readableResponse(denial, wire, context);
  const { status, message, rpc, challenge: authenticate, about } = wire;
  const headers = new Headers({ 'cache-control': 'no-store' });
  if (authenticate !== undefined) headers.set('www-authenticate', authenticate);
  if (needed && stepUpChallenge) headers.set('www-authenticate', stepUpChallengeOf(needed));
  if (status === 503) headers.set('retry-after', '1');
  if (code === 'rate_limited') headers.set('retry-after', String(denial.retryAfterSeconds));
  const data = {
    code,
    ...(code === 'revision_unsupported' && {
      requested: denial.requested,
      supported: denial.supported,
    }),
    ...about,
    ...(needed && { authorization_details: needed }),
    ...(approval && { approval }),
    ...(gap && { catalogue: gap }),
  };
  const text = gap ? `${message} ${sentencesOf(gap)}` : message;
  const error = { code: RPC_CODES[rpc], message: text, data };
  // In a session, 404 tells the client that the session is lost.
  const isLost = status === 404 && rpc === 'method_not_found' && isInSession;
  return errorResponse(id, error, { status: isLost ? 400 : status, headers });
}

/**
 * Whether the denial is a result for a model. A client has to act on a failed authentication, a
 * lost session and a message that is no call, so these stay errors. So does a call that runs as a
 * task: its result would have to be a task.
 */
const isRead = (
  denial: GatewayDenial,
  { status }: Wire,
  { id, call, needed, stepUpChallenge = false, readable }: McpDenialContext,
): boolean =>
  id !== undefined &&
  call !== undefined &&
  readable?.message.method === 'tools/call' &&
  !isJsonObject(readable.message.params?.task) &&
  status !== 401 &&
  !(isGatewayDenial(denial) && OF_MESSAGE.has(GATEWAY_DENIALS[denial.code].error)) &&
  !(stepUpChallenge && needed);

/** The errors of denials that are about the message, the server or the session. */
const OF_MESSAGE: ReadonlySet<DenialError> = new Set(['invalid_request', 'not_found']);

function readableResponse(
  denial: GatewayDenial,
  { status, message }: Wire,
  { id, call, needed, approval, gap, readable }: McpDenialContext,
): Response {
  const { code } = denial;
  const refusal = historyRefusalOf(denial);
  const seconds = code === 'rate_limited' ? denial.retryAfterSeconds : 1;
  const described = describeToolDenial({
    code,
    message: said(message, gap && sentencesOf(gap), refusal && allowedInstead(refusal)),
    status,
    rule: ruleOf(denial),
    call: call ?? { tool: '' },
    grants: call?.grants ?? [],
    required: call?.capability && requiredBy(call.capability, call.tool),
    needed,
    approval,
    issuer: readable?.issuer ?? '',
    ...((status === 503 || status === 429) && { retryAfterSeconds: seconds }),
    ...(gap && { extra: { catalogue: gap as unknown as Json } }),
    ...(refusal && { extra: aboutHistory(refusal) }),
  });
  const result = denialResult(described, readable !== undefined && isModern(readable.message));
  const headers = { 'cache-control': 'no-store' };
  return Response.json({ jsonrpc: '2.0', id, result }, { headers });
}

const said = (...sentences: readonly (string | undefined)[]): string =>
  sentences.filter((one) => one !== undefined).join(' ');

/** From revision 2026-07-28 on, each request names its revision. */
function isModern({ params }: McpMessage): boolean {
  const meta = params?._meta;
  return isJsonObject(meta) && Object.hasOwn(meta, 'io.modelcontextprotocol/protocolVersion');
}

/** Says where two catalogues differ. Everything in it is public: `GET /catalogue/{hash}`. */
function sentencesOf({ minted, judged, differences }: CatalogueGap): string {
  const short = (hash: string) => hash.slice(0, 12);
  const where = differences ? `: ${differences.join('; ')}` : '';
  return `Minted under catalogue ${short(minted)}, judged by ${short(judged)}${where}. Obtain a new capability.`;
}

function stepUpChallengeOf(needed: readonly NeededDetail[]): string {
  const error = 'error="insufficient_scope", error_description="No grant covers this call."';
  const scope = scopeParameter(needed);
  return scope === undefined ? `Bearer ${error}` : `Bearer ${error}, ${scope}`;
}

/** Returns a failure of the server as a JSON-RPC error. Nothing that the server wrote is in it. */
export function failureMessage({ code }: UpstreamFailure, id: RequestId): JsonObject {
  const { effect, message } = UPSTREAM_FAILURES[code];
  const error = { code: INTERNAL_ERROR, message, data: { code, effect } };
  return { jsonrpc: '2.0', id: id ?? null, error };
}

/** Answers with a failure of the server. */
export function failureResponse(failure: UpstreamFailure, id: RequestId): Response {
  const { status, retryAfter } = failure;
  const headers = new Headers({ 'cache-control': 'no-store' });
  if (retryAfter !== undefined) headers.set('retry-after', retryAfter);
  return Response.json(failureMessage(failure, id), { status, headers });
}

const errorResponse = (id: RequestId, error: object, init: ResponseInit): Response =>
  Response.json({ jsonrpc: '2.0', id: id ?? null, error }, init);
