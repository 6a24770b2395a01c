import { isJsonObject } from '../canonical-json.ts';
import { readJsonBody } from '../json-body.ts';
import { ok, type Result, refuse } from '../result.ts';
import {
  type Admission,
  type Credentials,
  challenge,
  type Evidence,
  type OpenedToken,
  type Protection,
  readCredentials,
  resourceMetadataUrl,
  withNonce,
  withResourceMetadata,
} from '../verifier/index.ts';
import {
  deniedError,
  deniedResult,
  describeDenial,
  describeNotOffered,
  type ReadableDenial,
  wireOf,
} from './denial.ts';
import type { Judgements } from './guard-server.ts';
import type { JudgedMessage, McpAuthInfo } from './judged.ts';
import { type McpMessage, readMessage } from './message.ts';
import type { McpCall, Operation, Operations } from './operations.ts';

const MCP_REQUEST_BYTES_MAX = 256 * 1024; // As at the gateway.

/** A message that uses no tool reads the server's description of itself. */
const SESSION_TIER = 1;

/** Everything that decides about a request, besides the request. */
export interface McpContext extends Judgements {
  readonly protection: Protection;
  readonly operations: Operations;
}

/** An allowed message, as the server gets it. */
export interface OpenMessage {
  readonly authInfo: McpAuthInfo;
  /** The message that was judged; absent for a GET or DELETE of a session. */
  readonly parsedBody?: unknown;
  /** Headers to add to the response. */
  readonly headers: Readonly<Record<string, string>>;
  /** Records what became of a call. Call it once. */
  close(outcome: { readonly status: number; readonly threw?: boolean }): void;
}

/** A request of a caller whose token was opened. */
interface Opened {
  readonly context: McpContext;
  readonly request: Request;
  readonly credentials: Credentials;
  readonly opened: OpenedToken;
  readonly message?: McpMessage;
  readonly parsedBody?: unknown;
}

/** Judges one HTTP request to an MCP server: an allowed message, or the response of a denial. */
export async function judgeRequest(
  context: McpContext,
  request: Request,
): Promise<Result<OpenMessage, Response>> {
  const { verifier } = context.protection;
  const credentials = readCredentials(request);
  const opened = await verifier.open(credentials.token);
  const known = { context, request, credentials, opened };
  const judged = await judgeOpened(known);
  if (judged.ok) return judged;
  if (request.body && !request.bodyUsed) request.body.cancel().catch(() => undefined);
  return refuse(withNonce(judged.error, await verifier.nonce()));
}

async function judgeOpened(known: Opened): Promise<Result<OpenMessage, Response>> {
  const { context, request, opened } = known;
  // We read nothing that a stranger sent, unless its call would be made anyway.
  if (opened.denial && context.operations.mode === 'enforce') {
    return refuse(unauthorized(known, opened.denial));
  }
  if (request.method === 'GET' || request.method === 'DELETE') {
    return await judgeSession(known, { kind: 'session' });
  }
  if (request.method !== 'POST') return refuse(new Response(null, { status: 405 }));
  const body = await readJsonBody(request, MCP_REQUEST_BYTES_MAX);
  const message = body.ok ? readMessage(body.value) : undefined;
  if (!body.ok || !message)
    return refuse(unreadable(body.ok ? 'message_malformed' : body.error.code));
  const read = { ...known, message, parsedBody: body.value };
  const operation = context.operations.describe(message);
  return operation.kind === 'call' ? judgeCall(read, operation) : judgeSession(read, operation);
}

async function judgeCall(
  known: Opened,
  described: McpCall,
): Promise<Result<OpenMessage, Response>> {
  const { context, credentials, opened, message } = known;
  const { protection } = context;
  const { call, mode } = described;
  const method = message && message.kind !== 'response' ? message.method : '';
  const decided = await protection.decide({ credentials, call, method, mode });
  if (decided.allowed) {
    const { evidence } = decided.decision;
    return await open(known, { evidence, canUse: () => false, close: decided.close });
  }
  const { denial, needed } = decided;
  if (wireOf(denial).status === 401) return refuse(unauthorized(known, denial));
  const { issuer } = protection;
  const { grants } = opened;
  return refuse(deny(known, describeDenial({ denial, call, needed, grants, issuer })));
}

/** Judges what uses no tool. An operation that is not offered has its token judged first. */
async function judgeSession(
  known: Opened,
  operation: Exclude<Operation, { kind: 'call' }>,
): Promise<Result<OpenMessage, Response>> {
  const { context, credentials, message } = known;
  const { verifier } = context.protection;
  const { token, proof } = credentials;
  const facts = { tier: SESSION_TIER, ...(proof && { proof }) } as const;
  const admission = await verifier.admit(token, facts);
  const denial = admittedDenial(known, admission);
  if (denial) {
    if (wireOf(denial).status === 401) return refuse(unauthorized(known, denial));
    return refuse(sessionDenied(known, wireOf(denial)));
  }
  if (operation.kind === 'denied') {
    const method = message && message.kind !== 'response' ? message.method : 'this message';
    return refuse(deny(known, describeNotOffered(operation.why, method)));
  }
  const { needs } = operation;
  if (needs !== undefined && !admission.canUse(needs, 'read')) {
    return refuse(
      sessionDenied(known, {
        code: 'no_grant',
        message: `The capability has no grant for ${needs}.`,
        status: 403,
      }),
    );
  }
  const { evidence } = admission.decision;
  const canUse = (name: string) => isUsable(context.operations, admission, name);
  return await open(known, { evidence, canUse, close: () => undefined });
}

/** In `observe`, only what an operator has stopped is denied. */
function admittedDenial({ context, opened }: Opened, { decision }: Admission) {
  if (decision.allowed) return undefined;
  return context.operations.mode === 'observe' ? opened.stopped() : decision.denial;
}

function isUsable(operations: Operations, { canUse }: Admission, name: string): boolean {
  const known = operations.find(name);
  return known !== undefined && (known.mode === 'observe' || canUse(known.tool, known.action));
}

interface Allowed extends Pick<JudgedMessage, 'canUse'>, Pick<OpenMessage, 'close'> {
  readonly evidence: Evidence;
}

/** Hands the message to the server, if its session is the workflow's own. */
async function open(
  { context, request, message, parsedBody }: Opened,
  { evidence, canUse, close }: Allowed,
): Promise<Result<OpenMessage, Response>> {
  const { workflow = '', agent = '', subject, owner, task } = evidence;
  const session = request.headers.get('mcp-session-id');
  const sessionOwner = session === null ? undefined : context.owners.get(session);
  if (sessionOwner !== undefined && sessionOwner !== workflow) {
    close({ status: 404 });
    const text = 'The session is unknown.';
    const data = { code: 'session_unknown', message: text };
    const status = { rpc: 'session_unknown', status: 404 } as const;
    return refuse(deniedError(idOf(message), { text, data }, status));
  }
  const nonce = await context.protection.verifier.nonce();
  const hewn = { workflow, agent, subject, owner, task };
  const authInfo: McpAuthInfo = { token: '', clientId: agent, scopes: [], extra: { hewn } };
  context.messages.set(authInfo, { message, workflow, canUse });
  return ok({
    authInfo,
    ...(parsedBody !== undefined && { parsedBody }),
    headers: nonce === undefined ? {} : { 'dpop-nonce': nonce },
    close,
  });
}

const idOf = (message: McpMessage | undefined) =>
  message?.kind === 'request' ? message.id : undefined;

/** A tool's denial is a result, which the model reads; that of any other request is an error. */
function deny({ message }: Opened, denial: ReadableDenial): Response {
  if (message?.kind !== 'request') {
    return deniedError(undefined, denial, { rpc: 'denied', status: 403 });
  }
  if (message.method === 'tools/call') return deniedResult(message.id, denial, isModern(message));
  const rpc = denial.data.code === 'method_denied' ? 'method_not_found' : 'denied';
  return deniedError(message.id, denial, { rpc });
}

function sessionDenied(
  { message }: Opened,
  {
    code,
    message: text,
    status,
  }: { readonly code: string; readonly message: string; readonly status: number },
): Response {
  const headers = status === 503 ? { 'retry-after': '1' } : {};
  return deniedError(
    idOf(message),
    { text, data: { code, message: text } },
    { rpc: 'denied', status, headers },
  );
}

/** Whether the client speaks a revision of MCP from 2026-07-28 on, whose requests say so. */
function isModern({ params }: Extract<McpMessage, { kind: 'request' }>): boolean {
  const meta = params._meta;
  return isJsonObject(meta) && Object.hasOwn(meta, 'io.modelcontextprotocol/protocolVersion');
}

function unreadable(code: string): Response {
  const text = 'The body is not one JSON-RPC 2.0 message, or it is too large.';
  const status = code === 'body_too_large' ? 413 : code === 'body_type_unsupported' ? 415 : 400;
  const data = { code, message: text };
  return deniedError(undefined, { text, data }, { rpc: 'invalid_request', status });
}

/** A client that gets this looks up the issuer in the metadata, and obtains a capability. */
function unauthorized(
  { context, credentials, message }: Opened,
  denial: Parameters<typeof wireOf>[0],
): Response {
  const { audience, verifier } = context.protection;
  const wire = wireOf(denial);
  const { code, message: text, status } = wire;
  const scheme = credentials.proof?.scheme;
  const authenticate =
    'message' in denial ? undefined : challenge(wire as never, verifier.realm ?? 'hewn', scheme);
  const headers = authenticate === undefined ? {} : { 'www-authenticate': authenticate };
  const data = { code, message: text };
  const response = deniedError(idOf(message), { text, data }, { rpc: 'denied', status, headers });
  return withResourceMetadata(response, resourceMetadataUrl(audience));
}
