import * as v from 'valibot';
import {
  argumentConstraintsSchema,
  type Budgets,
  checkGrants,
  type Grant,
  parseBudgets,
  readScope,
} from '../../../src/capability/index.ts';
import type { ClientAssertion } from '../../../src/identity/index.ts';
import { GRANTS_MAX, TASK_BYTES_MAX, TOKEN_TEXT_BYTES_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { isApprovalId } from '../approval/id.ts';
import { isTextOf } from '../platform/text.ts';
import { isWorkflowId } from '../workflow/id.ts';
import { readClient } from './client.ts';

import type { TokenRefusal } from './refusal.ts';

/** RFC 8693 section 2.1 and RFC 6749 section 4.4.2, as far as this issuer speaks them. */
export interface TokenRequest {
  /** The user's token, or the agent's own; absent where a client asks on its own account. */
  readonly subjectToken?: string;
  /** The agent's workload token. */
  readonly actorToken?: string;
  /** The agent's client assertion: another way to say the same. */
  readonly client?: ClientAssertion;
  /** The one resource server that the capability is for. */
  readonly audience: string;
  readonly task: string;
  readonly grants: readonly Grant[];
  /** The scope as it was asked for, where the grants were asked for in that form. */
  readonly scope?: string;
  /** The id of the workflow that this continues; absent where one begins. */
  readonly workflow?: string;
  /** Said by an agent that asks for more than its workflow has; the policy is the ceiling. */
  readonly stepUp?: true;
  /** The approval that it waits for: the same request, again. */
  readonly approval?: string;
  /** The capability of the workflow that a child is begun below, as text; nobody looked at it. */
  readonly parent?: string;
  /** What the child wants of its parent's budgets; the policy's own bounds hold as well. */
  readonly budgets?: Budgets;
}

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** Without a user: a client asks for itself. */
export const CLIENT_CREDENTIALS = 'client_credentials';
export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';
const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';

/** Our own type of authorization detail (RFC 9396 section 2). */
export const TASK_DETAIL_TYPE = 'hewn_task';

const taskDetails = v.pipe(
  v.array(
    v.strictObject({
      type: v.literal(TASK_DETAIL_TYPE),
      task: v.pipe(
        v.string(),
        v.minLength(1),
        v.check((task) => isTextOf(task, TASK_BYTES_MAX)),
      ),
      grants: v.pipe(
        v.array(
          v.strictObject({
            tool: v.string(),
            action: v.string(),
            dataset: v.string(),
            constraints: v.exactOptional(argumentConstraintsSchema),
          }),
        ),
        v.minLength(1),
        v.maxLength(GRANTS_MAX),
      ),
      workflow: v.optional(v.pipe(v.string(), v.check(isWorkflowId))),
      step_up: v.optional(v.literal(true)),
      parent: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(TOKEN_TEXT_BYTES_MAX))),
      budgets: v.optional(v.unknown()),
    }),
  ),
  v.length(1),
);

/**
 * RFC 6749 section 3.2: a parameter without a value is none. A token or an assertion without one is
 * not among them: a credential was meant, and who asks without it is somebody else.
 */
const NONE_IF_EMPTY = [
  ...['requested_token_type', 'resource', 'audience', 'scope', 'authorization_details'],
  ...['client_id', 'hewn_task'],
];

const refused = (refusal: TokenRefusal): Result<never, TokenRefusal> => refuse(refusal);

/** Reads the form, of bounded size. Shape alone: no token in it was looked at. */
export function readTokenRequest(
  form: URLSearchParams,
  audiences: readonly string[],
): Result<TokenRequest, TokenRefusal> {
  for (const name of new Set(form.keys())) {
    // RFC 6749 section 3.2: a parameter stands once. A second one is somebody else's reading.
    if (form.getAll(name).length > 1 && name !== 'resource' && name !== 'audience') {
      return refused({ code: 'parameter_repeated', parameter: name.slice(0, 64) });
    }
  }
  for (const name of NONE_IF_EMPTY) form.delete(name, '');
  const client = readClient(form);
  if (!client.ok) return client;
  const tokens = readTokens(form, client.value !== undefined);
  if (!tokens.ok) return tokens;
  const audience = readAudience(form, audiences);
  if (!audience.ok) return audience;
  const wanted = readWanted(form);
  if (!wanted.ok) return wanted;
  // Named and meant as in CIBA Core section 7.3. Malformed is not absent: what is sent is meant.
  const approval = form.get('auth_req_id');
  if (approval !== null && !isApprovalId(approval)) return refused({ code: 'approval_malformed' });
  return ok({
    ...tokens.value,
    ...(client.value && { client: client.value }),
    audience: audience.value,
    ...wanted.value,
    ...(approval !== null && { approval }),
  });
}

/** The tokens that the grant type asks for, and no other: what is not read must not be sent. */
function readTokens(
  form: URLSearchParams,
  hasClient: boolean,
): Result<Pick<TokenRequest, 'subjectToken' | 'actorToken'>, TokenRefusal> {
  const grantType = form.get('grant_type');
  if (grantType === null) return refused({ code: 'parameter_missing', parameter: 'grant_type' });
  if (grantType !== TOKEN_EXCHANGE && grantType !== CLIENT_CREDENTIALS) {
    return refused({ code: 'grant_type_unsupported' });
  }
  const requested = form.get('requested_token_type') ?? ACCESS_TOKEN_TYPE;
  if (requested !== ACCESS_TOKEN_TYPE) return refused({ code: 'token_type_unsupported' });
  const isExchange = grantType === TOKEN_EXCHANGE;
  if (!isExchange && !hasClient) return refused({ code: 'client_missing' });
  for (const parameter of ['subject_token', 'actor_token'] as const) {
    const isRequired = isExchange && parameter === 'subject_token';
    const unfit = unfitToken(form, parameter, isRequired, isExchange);
    if (unfit) return refused(unfit);
  }
  const subjectToken = form.get('subject_token');
  const actorToken = form.get('actor_token');
  return ok({ ...(subjectToken && { subjectToken }), ...(actorToken && { actorToken }) });
}

/** RFC 8693 section 2.1: a token has its type beside it, and a type has its token. */
function unfitToken(
  form: URLSearchParams,
  parameter: 'subject_token' | 'actor_token',
  isRequired: boolean,
  isAllowed: boolean,
): TokenRefusal | undefined {
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

/** One resource server a token, by either name (RFC 8693 section 2.1, RFC 8707). */
function readAudience(
  form: URLSearchParams,
  audiences: readonly string[],
): Result<string, TokenRefusal> {
  const asked = new Set([...form.getAll('resource'), ...form.getAll('audience')]);
  if (asked.size === 0) return refused({ code: 'parameter_missing', parameter: 'resource' });
  const [audience = ''] = asked;
  // Compared whole: a resource that is skipped when unknown is a token for anything.
  if (asked.size > 1 || !audiences.includes(audience)) return refused({ code: 'target_unknown' });
  return ok(audience);
}

type Wanted = Pick<
  TokenRequest,
  'task' | 'grants' | 'scope' | 'workflow' | 'stepUp' | 'parent' | 'budgets'
>;

/** What a client that knows scopes alone says its task is; a policy may refuse it. */
const TASK_UNSTATED = 'unstated';

/** The grants, as details or as a scope. Of two lists one reader would take the other. */
function readWanted(form: URLSearchParams): Result<Wanted, TokenRefusal> {
  const details = form.get('authorization_details');
  const scope = form.get('scope');
  if (details && scope) return refused({ code: 'scope_and_details' });
  if (details) return readDetails(details);
  if (!scope) return refused({ code: 'parameter_missing', parameter: 'authorization_details' });
  const grants = readScope(scope);
  if (!grants.ok) return grants;
  const task = form.get('hewn_task') || TASK_UNSTATED;
  if (!isTextOf(task, TASK_BYTES_MAX)) return refused({ code: 'details_invalid' });
  return ok({ task, grants: grants.value, scope });
}

function readDetails(text: string): Result<Wanted, TokenRefusal> {
  const malformed = refused({ code: 'details_invalid' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed;
  }
  const parsed = v.safeParse(taskDetails, value);
  const [detail] = parsed.success ? parsed.output : [];
  if (!detail) return malformed;
  const grants = checkGrants(detail.grants as readonly Grant[]);
  if (!grants.ok) return malformed;
  const { task, workflow, step_up: stepUp } = detail;
  // There is nothing to step up from where a workflow begins.
  if (stepUp && workflow === undefined) return malformed;
  const { parent } = detail;
  // A workflow is begun below its parent once, and its share is carved out then.
  if (parent === undefined ? detail.budgets !== undefined : workflow !== undefined) {
    return malformed;
  }
  const budgets = parseBudgets(detail.budgets ?? {});
  if (!budgets.ok) return malformed;
  return ok({
    task,
    grants: grants.value,
    ...(workflow !== undefined && { workflow }),
    ...(stepUp && { stepUp }),
    ...(parent !== undefined && { parent, budgets: budgets.value }),
  });
}
