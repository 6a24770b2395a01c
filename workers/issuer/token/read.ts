import type { Budgets, Grant } from '../../../src/capability/index.ts';
import { type ClientAssertion, JWT_BEARER, JWT_SPIFFE } from '../../../src/identity/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { isApprovalId } from '../approval/id.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { readForm } from '../platform/form-body.ts';
import { type RequestedGrants, readGrants } from './read-grants.ts';
import type { RequestRefusal } from './refusals/index.ts';

/** A token request (RFC 8693 section 2.1, RFC 6749 section 4.4.2), in what this issuer supports. */
export interface TokenRequest {
  /** The user's token, or the agent's own; absent if a client asks on its own behalf. */
  readonly subjectToken?: string;
  /** The agent's workload token. */
  readonly actorToken?: string;
  /** The agent's client assertion, an alternative to the workload token. */
  readonly client?: ClientAssertion;
  /** The one resource server that the capability is for. */
  readonly audience: string;
  readonly task: string;
  readonly grants: readonly Grant[];
  /** The requested scope, if the grants were requested as a scope. */
  readonly scope?: string;
  /** The id of the workflow to continue; absent if a new one begins. */
  readonly workflow?: string;
  /** The agent asks for more than its workflow has; the policy is the upper bound. */
  readonly stepUp?: true;
  /** The id of the approval that the agent polls for with the same request. */
  readonly approval?: string;
  /** The unverified capability under whose workflow a child begins. */
  readonly parent?: string;
  /** The child's share of its parent's budgets; the policy's bounds apply as well. */
  readonly budgets?: Budgets;
  /** The longest lifetime that the agent wants for its capability, in seconds. */
  readonly lifetimeSeconds?: number;
  /** The workflow that begins expires after this many seconds without a mint. */
  readonly renewWithin?: number;
  /** The request of the user, for a root that begins: 1 to 2048 bytes. */
  readonly prompt?: string;
}

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** Without a user: a client asks on its own behalf. */
export const CLIENT_CREDENTIALS = 'client_credentials';
export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';
const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';

/**
 * RFC 6749 section 3.2: a parameter without a value counts as omitted. Tokens and assertions are
 * not in this list: an empty credential is an error, because ignoring it would let the request
 * count as that of another party.
 */
const OMITTED_IF_EMPTY = [
  ...['requested_token_type', 'resource', 'audience', 'scope', 'authorization_details'],
  ...['client_id', 'hewn_task'],
];

const refused = (refusal: RequestRefusal): Result<never, RequestRefusal> => refuse(refusal);

/** Reads and checks the shape of a request. Verifies no token. */
export async function readRequest(
  request: Request,
  env: IssuerEnv,
): Promise<Result<TokenRequest, RequestRefusal>> {
  // It would carry a client secret (RFC 6749 section 2.3.1), which no client has here.
  if (request.headers.has('authorization')) return refused({ code: 'client_header_refused' });
  const form = await readForm(request);
  return form.ok ? readTokenRequest(form.value, readConfig(env).audiences) : form;
}

/** Reads the form, whose size is bounded. Checks the shape; verifies no token. */
export function readTokenRequest(
  form: URLSearchParams,
  audiences: readonly string[],
): Result<TokenRequest, RequestRefusal> {
  for (const name of new Set(form.keys())) {
    // RFC 6749 section 3.2. Two readers could each pick another one of two values.
    if (form.getAll(name).length > 1 && name !== 'resource' && name !== 'audience') {
      return refused({ code: 'parameter_repeated', parameter: name.slice(0, 64) });
    }
  }
  for (const name of OMITTED_IF_EMPTY) form.delete(name, '');
  const client = readClient(form);
  if (!client.ok) return client;
  const tokens = readTokens(form, client.value !== undefined);
  if (!tokens.ok) return tokens;
  const audience = readAudience(form, audiences);
  if (!audience.ok) return audience;
  const requested: Result<RequestedGrants, RequestRefusal> = readGrants(form);
  if (!requested.ok) return requested;
  // The name and meaning are those of CIBA Core section 7.3. A malformed id is not an absent one.
  const approval = form.get('auth_req_id');
  if (approval !== null && !isApprovalId(approval)) return refused({ code: 'approval_malformed' });
  return ok({
    ...tokens.value,
    ...(client.value && { client: client.value }),
    audience: audience.value,
    ...requested.value,
    ...(approval !== null && { approval }),
  });
}

/**
 * Reads the client assertion, if there is one (RFC 7521 section 4.2). Refuses every client secret,
 * correct or not: by being sent, it has been disclosed.
 */
function readClient(form: URLSearchParams): Result<ClientAssertion | undefined, RequestRefusal> {
  if (form.has('client_secret')) return refused({ code: 'client_secret_refused' });
  const jwt = form.get('client_assertion');
  const type = form.get('client_assertion_type');
  if (jwt === null && type === null) return ok(undefined);
  if (!jwt) return refused({ code: 'parameter_missing', parameter: 'client_assertion' });
  if (!type) return refused({ code: 'parameter_missing', parameter: 'client_assertion_type' });
  if (type !== JWT_BEARER && type !== JWT_SPIFFE) {
    return refused({ code: 'assertion_type_unsupported' });
  }
  const clientId = form.get('client_id');
  return ok({ type, jwt, ...(clientId !== null && { clientId }) });
}

/** Reads the tokens of the grant type, and refuses any other: an unread token must not be sent. */
function readTokens(
  form: URLSearchParams,
  hasClient: boolean,
): Result<Pick<TokenRequest, 'subjectToken' | 'actorToken'>, RequestRefusal> {
  const grantType = form.get('grant_type');
  if (grantType === null) return refused({ code: 'parameter_missing', parameter: 'grant_type' });
  if (grantType !== TOKEN_EXCHANGE && grantType !== CLIENT_CREDENTIALS) {
    return refused({ code: 'grant_type_unsupported' });
  }
  const requestedType = form.get('requested_token_type') ?? ACCESS_TOKEN_TYPE;
  if (requestedType !== ACCESS_TOKEN_TYPE) return refused({ code: 'token_type_unsupported' });
  const isExchange = grantType === TOKEN_EXCHANGE;
  if (!isExchange && !hasClient) return refused({ code: 'client_missing' });
  for (const parameter of ['subject_token', 'actor_token'] as const) {
    const isRequired = isExchange && parameter === 'subject_token';
    const fault = tokenFault(form, parameter, { isRequired, isAllowed: isExchange });
    if (fault) return refused(fault);
  }
  const subjectToken = form.get('subject_token');
  const actorToken = form.get('actor_token');
  return ok({ ...(subjectToken && { subjectToken }), ...(actorToken && { actorToken }) });
}

/** RFC 8693 section 2.1: a token comes with its type, and a type with its token. */
function tokenFault(
  form: URLSearchParams,
  parameter: 'subject_token' | 'actor_token',
  { isRequired, isAllowed }: { readonly isRequired: boolean; readonly isAllowed: boolean },
): RequestRefusal | undefined {
  const typeParameter = `${parameter}_type`;
  const [token, type] = [form.get(parameter), form.get(typeParameter)];
  if (token === null && type === null) {
    return isRequired ? { code: 'parameter_missing', parameter } : undefined;
  }
  if (!isAllowed) return { code: 'parameter_unexpected', parameter };
  if (!token) {
    return isRequired || token === ''
      ? { code: 'parameter_missing', parameter }
      : { code: 'parameter_unexpected', parameter: typeParameter };
  }
  if (!type) return { code: 'parameter_missing', parameter: typeParameter };
  const isKnown = type === ACCESS_TOKEN_TYPE || type === JWT_TYPE;
  return isKnown ? undefined : { code: 'token_type_unsupported' };
}

/** Reads the one resource server, under either name (RFC 8693 section 2.1, RFC 8707). */
function readAudience(
  form: URLSearchParams,
  audiences: readonly string[],
): Result<string, RequestRefusal> {
  const named = new Set([...form.getAll('resource'), ...form.getAll('audience')]);
  if (named.size === 0) return refused({ code: 'parameter_missing', parameter: 'resource' });
  const [audience = ''] = named;
  // Skipping unknown resources would mint a token for less, or for something else, than requested.
  if (named.size > 1 || !audiences.includes(audience)) return refused({ code: 'target_unknown' });
  return ok(audience);
}
