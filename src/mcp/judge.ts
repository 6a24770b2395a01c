import { isJsonObject } from '../canonical-json.ts';
import { readJsonBody } from '../json-body.ts';
import { ATTACHED_META, readAttached } from '../receipts/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { requiredBy, shownTool } from '../tool-schema/index.ts';
import {
  type Admission,
  approvalOffer,
  type Credentials,
  type DescribedRequest,
  type Evidence,
  neededDetails,
  type OpenedToken,
  type Protection,
  type RetrievalScope,
  type RouteMode,
  readCredentials,
  type VerifyRequest,
  withNonce,
} from '../verifier/index.ts';
import { denyMessage, denySession, unauthorized, unreadable } from './answers.ts';
import { type DeniedMessage, describeDenial, describeNotOffered, wireOf } from './denial.ts';
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
  const judged = await judgeOpened({ context, request, credentials, opened });
  if (judged.ok) return judged;
  // Unread, the body would hold its connection.
  if (request.body && !request.bodyUsed) request.body.cancel().catch(() => undefined);
  return refuse(withNonce(judged.error, await verifier.nonce()));
}

async function judgeOpened(known: Opened): Promise<Result<OpenMessage, Response>> {
  const { context, request, opened } = known;
  // We read nothing that a stranger sent, unless its call would be made anyway.
  if (opened.denial && context.operations.mode === 'enforce') {
    return judgeUndescribed(known, { denial: opened.denial }, (denied) =>
      unauthorized(denied, wireOf(opened.denial ?? { code: 'token_missing' })),
    );
  }
  if (request.method === 'GET' || request.method === 'DELETE') {
    return judgeSession(known, { kind: 'session' });
  }
  if (request.method !== 'POST') return refuse(new Response(null, { status: 405 }));
  const body = await readJsonBody(request, MCP_REQUEST_BYTES_MAX);
  if (!body.ok) return refuse(unreadable(body.error.code));
  const message = readMessage(body.value);
  if (!message) return refuse(unreadable('message_malformed'));
  const read = { ...known, message, parsedBody: body.value };
  const operation = context.operations.describe(message);
  switch (operation.kind) {
    case 'call':
      return judgeCall(read, operation);
    case 'session':
      return judgeSession(read, operation);
    case 'denied':
      return judgeNotOffered(read, operation);
  }
}

async function judgeCall(
  known: Opened,
  { call, mode, scoped, listed }: McpCall,
): Promise<Result<OpenMessage, Response>> {
  const { context, credentials, opened } = known;
  const { protection } = context;
  const method = methodOf(known);
  const isScoped = scoped && { scoped };
  const attested = { ...call, ...attachedTo(known) };
  const decided = await protection.decide({
    credentials,
    call: attested,
    method,
    mode,
    ...isScoped,
  });
  if (decided.allowed) {
    const { decision, scope, close } = decided;
    return open(known, { evidence: decision.evidence, scope, show: () => undefined, close });
  }
  const { denial } = decided;
  // With the tool's entry, arguments that are no sink stay free in what the caller can ask for.
  const needed = decided.needed && neededDetails(denial, call, listed);
  const wire = wireOf(denial);
  if (wire.status === 401) return refuse(unauthorized(deniedMessage(known), wire));
  const { issuer } = protection;
  const { grants, capability } = opened;
  const required = capability && requiredBy(capability, call.tool);
  const approval = approvalOffer(denial, capability?.authority);
  const denied = { denial, call, needed, approval, grants, required, issuer };
  const readable = describeDenial(denied);
  return refuse(denyMessage(deniedMessage(known), readable));
}

/** Returns what attests the values of a call, for a token that asks where they come from. */
function attachedTo({
  context,
  opened,
  message,
}: Opened): Pick<VerifyRequest, 'attached' | 'catalogue'> {
  const { catalogue } = context.operations;
  if (!catalogue || !opened.capability?.readsFact('arg_origins')) return {};
  const meta = message?.kind === 'request' ? message.params._meta : undefined;
  const attached = isJsonObject(meta) ? readAttached(meta[ATTACHED_META]) : undefined;
  return { catalogue, ...(attached && { attached }) };
}

/** Judges what uses no tool: the token alone. */
async function judgeSession(
  known: Opened,
  { needs }: Extract<Operation, { kind: 'session' }>,
): Promise<Result<OpenMessage, Response>> {
  const { context, credentials } = known;
  const { verifier } = context.protection;
  const { token, proof } = credentials;
  const facts = { tier: SESSION_TIER, ...(proof && { proof }) } as const;
  const admission = await verifier.admit(token, facts);
  const { decision } = admission;
  const show = shownBy(context.operations, admission);
  if (!decision.allowed) {
    const { denial } = decision;
    return judgeUndescribed(known, { denial }, (denied) => denySession(denied, wireOf(denial)), {
      show,
    });
  }
  if (needs !== undefined && !admission.canUse(needs, 'read')) {
    const tool = needs;
    const denial = { code: 'no_grant', tool, action: 'read', dataset: '' } as const;
    return judgeUndescribed(
      known,
      { denial, tool },
      (denied) => denySession(denied, wireOf(denial)),
      { show },
    );
  }
  return open(known, { evidence: decision.evidence, show, close: () => undefined });
}

/** Judges a message that is no operation of this server. */
function judgeNotOffered(
  known: Opened,
  { why, tool, mode }: Extract<Operation, { kind: 'denied' }>,
): Promise<Result<OpenMessage, Response>> {
  const pointer = 'pointer' in why ? (why.pointer ?? '') : '';
  const denial = { code: 'arguments_invalid', pointer, why: why.code } as const;
  const { grants } = known.opened;
  const { issuer } = known.context.protection;
  const readable = describeNotOffered(why, { method: methodOf(known), tool, grants, issuer });
  const call = { denial, ...(tool !== undefined && { tool }) };
  return judgeUndescribed(known, call, (denied) => denyMessage(denied, readable), { mode });
}

/** Denies what cannot be judged as a call, and records it. In `observe`, only a stop denies it. */
async function judgeUndescribed(
  known: Opened,
  call: Extract<DescribedRequest['call'], { readonly denial: unknown }>,
  answer: (denied: DeniedMessage) => Response,
  how: { readonly show?: JudgedMessage['show']; readonly mode?: RouteMode } = {},
): Promise<Result<OpenMessage, Response>> {
  const { context, credentials } = known;
  const { protection, operations } = context;
  const { show = () => undefined, mode = operations.mode } = how;
  const decided = await protection.decide({ credentials, call, method: methodOf(known), mode });
  const denied = deniedMessage(known);
  if (decided.allowed) {
    const { evidence } = decided.decision;
    return open(known, { evidence, show, close: decided.close });
  }
  const wire = wireOf(decided.denial);
  return refuse(wire.status === 401 ? unauthorized(denied, wire) : answer(denied));
}

const deniedMessage = ({ context, credentials, message }: Opened): DeniedMessage => {
  const { audience, verifier } = context.protection;
  const { realm = 'hewn' } = verifier;
  return { message, audience, realm, scheme: credentials.proof?.scheme };
};

const methodOf = ({ request, message }: Opened): string =>
  message && message.kind !== 'response' ? message.method : request.method;

/** Shows a tool with the arguments that the token allows. Where nothing is denied, as it is. */
const shownBy =
  (operations: Operations, { canUse, capability }: Admission): JudgedMessage['show'] =>
  (definition) => {
    const known = operations.find(String(definition.name));
    if (!known || known.mode === 'observe') return known && definition;
    const { tool: name, action, listed } = known;
    if (!canUse(name, action)) return undefined;
    return shownTool(definition, { name, action, ...listed }, capability);
  };

interface Allowed extends Pick<JudgedMessage, 'show'>, Pick<OpenMessage, 'close'> {
  readonly evidence: Evidence;
  readonly scope?: RetrievalScope | undefined;
}

/** Hands the message to the server, if its session is the workflow's own. */
async function open(known: Opened, allowed: Allowed): Promise<Result<OpenMessage, Response>> {
  const { context, request, message, parsedBody } = known;
  const { evidence, scope, show, close } = allowed;
  const { workflow = '', agent = '', subject, owner, task } = evidence;
  const session = request.headers.get('mcp-session-id');
  const sessionOwner = session === null ? undefined : context.owners.get(session);
  if (sessionOwner !== undefined && sessionOwner !== workflow) {
    close({ status: 404 });
    const code = 'session_unknown';
    const wire = { code, message: 'The session is unknown.', status: 404 } as const;
    return refuse(denySession(deniedMessage(known), wire));
  }
  const nonce = await context.protection.verifier.nonce();
  const hewn = { workflow, agent, subject, owner, task, ...(scope && { scope }) };
  const authInfo: McpAuthInfo = { token: '', clientId: agent, scopes: [], extra: { hewn } };
  context.messages.set(authInfo, { message, workflow, show });
  return ok({
    authInfo,
    ...(parsedBody !== undefined && { parsedBody }),
    headers: nonce === undefined ? {} : { 'dpop-nonce': nonce },
    close,
  });
}
