import * as v from 'valibot';
import { checkGrants, type Grant, readScope } from '../../../src/capability/index.ts';
import { utf8 } from '../../../src/encoding.ts';
import { GRANTS_MAX, TASK_BYTES_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { isWorkflowId } from '../workflow-id.ts';
import type { TokenRefusal } from './refusal.ts';

/** RFC 8693 section 2.1, as far as this issuer speaks it. */
export interface TokenRequest {
  /** The user's token. */
  readonly subjectToken: string;
  /** The agent's workload token. */
  readonly actorToken: string;
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
}

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
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
        v.check((task) => utf8(task).length <= TASK_BYTES_MAX),
      ),
      grants: v.pipe(
        v.array(v.strictObject({ tool: v.string(), action: v.string(), dataset: v.string() })),
        v.minLength(1),
        v.maxLength(GRANTS_MAX),
      ),
      workflow: v.optional(v.pipe(v.string(), v.check(isWorkflowId))),
      step_up: v.optional(v.literal(true)),
    }),
  ),
  v.length(1),
);

const refused = (refusal: TokenRefusal): Result<never, TokenRefusal> => refuse(refusal);

/** Reads the form. Shape alone: no token in it was looked at. */
export function readTokenRequest(
  body: string,
  audiences: readonly string[],
): Result<TokenRequest, TokenRefusal> {
  const form = new URLSearchParams(body);
  for (const name of new Set(form.keys())) {
    // RFC 6749 section 3.2: a parameter stands once. A second one is somebody else's reading.
    if (form.getAll(name).length > 1 && name !== 'resource' && name !== 'audience') {
      return refused({ code: 'parameter_repeated', parameter: name.slice(0, 64) });
    }
  }
  const grantType = form.get('grant_type');
  if (grantType === null) return refused({ code: 'parameter_missing', parameter: 'grant_type' });
  if (grantType !== TOKEN_EXCHANGE) return refused({ code: 'grant_type_unsupported' });
  const requested = form.get('requested_token_type') ?? ACCESS_TOKEN_TYPE;
  if (requested !== ACCESS_TOKEN_TYPE) return refused({ code: 'token_type_unsupported' });

  for (const parameter of ['subject_token', 'actor_token'] as const) {
    if (!form.get(parameter)) return refused({ code: 'parameter_missing', parameter });
  }
  for (const parameter of ['subject_token_type', 'actor_token_type'] as const) {
    const type = form.get(parameter);
    if (!type) return refused({ code: 'parameter_missing', parameter });
    if (type !== ACCESS_TOKEN_TYPE && type !== JWT_TYPE) {
      return refused({ code: 'token_type_unsupported' });
    }
  }
  const audience = readAudience(form, audiences);
  if (!audience.ok) return audience;
  const wanted = readWanted(form);
  if (!wanted.ok) return wanted;
  return ok({
    subjectToken: form.get('subject_token') ?? '',
    actorToken: form.get('actor_token') ?? '',
    audience: audience.value,
    ...wanted.value,
  });
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

type Wanted = Pick<TokenRequest, 'task' | 'grants' | 'scope' | 'workflow' | 'stepUp'>;

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
  if (utf8(task).length > TASK_BYTES_MAX) return refused({ code: 'details_invalid' });
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
  return ok({
    ...{ task, grants: grants.value },
    ...(workflow !== undefined && { workflow }),
    ...(stepUp && { stepUp }),
  });
}
