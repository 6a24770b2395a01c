import * as v from 'valibot';
import {
  argumentConstraintsSchema,
  type Budgets,
  checkGrants,
  type Grant,
  parseBudgets,
  readScope,
  separateReads,
} from '../../../src/capability/index.ts';
import {
  CAPABILITY_SECONDS_MAX,
  CAPABILITY_SECONDS_MIN,
  GRANT_TOOLS_MAX,
  GRANTS_MAX,
  RENEW_WITHIN_SECONDS_MAX,
  RENEW_WITHIN_SECONDS_MIN,
  TASK_BYTES_MAX,
  TOKEN_TEXT_BYTES_MAX,
} from '../../../src/limits.ts';
import { isPromptText } from '../../../src/provenance/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { isTextOf } from '../platform/bounded-text.ts';
import { isWorkflowId } from '../workflow/id.ts';
import type { RequestRefusal } from './refusals/index.ts';

/** What a token request asks for. `TokenRequest` explains the members. */
export interface RequestedGrants {
  readonly task: string;
  readonly grants: readonly Grant[];
  readonly scope?: string;
  readonly workflow?: string;
  readonly stepUp?: true;
  readonly parent?: string;
  readonly budgets?: Budgets;
  readonly lifetimeSeconds?: number;
  readonly renewWithin?: number;
  readonly prompt?: string;
}

/** Hewn's type of authorization detail (RFC 9396 section 2). */
export const TASK_DETAIL_TYPE = 'hewn_task';

/** The task of a client that only knows scopes; a policy may refuse it. */
const TASK_UNSTATED = 'unstated';

const seconds = (min: number, max: number) =>
  v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max)));

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
          v.union([
            v.strictObject({
              tool: v.string(),
              action: v.string(),
              dataset: v.string(),
              constraints: v.exactOptional(argumentConstraintsSchema),
            }),
            v.strictObject({
              tools: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(GRANT_TOOLS_MAX)),
              action: v.literal('read'),
              dataset: v.string(),
            }),
          ]),
        ),
        v.minLength(1),
        v.maxLength(GRANTS_MAX),
      ),
      workflow: v.optional(v.pipe(v.string(), v.check(isWorkflowId))),
      step_up: v.optional(v.literal(true)),
      parent: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(TOKEN_TEXT_BYTES_MAX))),
      budgets: v.optional(v.unknown()),
      lifetime: seconds(CAPABILITY_SECONDS_MIN, CAPABILITY_SECONDS_MAX),
      renew_within: seconds(RENEW_WITHIN_SECONDS_MIN, RENEW_WITHIN_SECONDS_MAX),
      prompt: v.optional(
        v.pipe(
          v.string(),
          v.check((text) => isPromptText(text)),
        ),
      ),
    }),
  ),
  v.length(1),
);

/**
 * Reads the grants from `authorization_details` or from `scope`. Refuses a request with both: two
 * readers could each pick another one of the two lists.
 */
export function readGrants(form: URLSearchParams): Result<RequestedGrants, RequestRefusal> {
  const details = form.get('authorization_details');
  const scope = form.get('scope');
  if (details && scope) return refuse({ code: 'scope_and_details' });
  if (details) return readDetails(details);
  if (!scope) return refuse({ code: 'parameter_missing', parameter: 'authorization_details' });
  const grants = readScope(scope);
  if (!grants.ok) return grants;
  const task = form.get('hewn_task') || TASK_UNSTATED;
  if (!isTextOf(task, TASK_BYTES_MAX)) return refuse({ code: 'details_invalid' });
  return ok({ task, grants: grants.value, scope });
}

function readDetails(text: string): Result<RequestedGrants, RequestRefusal> {
  const malformed = refuse({ code: 'details_invalid' } as const);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed;
  }
  const parsed = v.safeParse(taskDetails, value);
  const [detail] = parsed.success ? parsed.output : [];
  if (!detail) return malformed;
  const grants = checkGrants(separateReads(detail.grants) as readonly Grant[]);
  if (!grants.ok) return malformed;
  const { task, workflow, step_up: stepUp, parent, lifetime, renew_within: renewWithin } = detail;
  const { prompt } = detail;
  // A hijacked agent that could state the request again could name anything.
  if (prompt !== undefined && (workflow !== undefined || parent !== undefined)) {
    return refuse({ code: 'prompt_restated' });
  }
  // A new workflow has nothing to step up from.
  if (stepUp && workflow === undefined) return malformed;
  // A child gets its share of the budgets once, when it begins below its parent.
  if (parent === undefined ? detail.budgets !== undefined : workflow !== undefined) {
    return malformed;
  }
  // A lease is agreed on once, at the begin: a later request could only break the agreement.
  if (renewWithin !== undefined && workflow !== undefined) return malformed;
  const budgets = parseBudgets(detail.budgets ?? {});
  if (!budgets.ok) return malformed;
  return ok({
    task,
    grants: grants.value,
    ...(workflow !== undefined && { workflow }),
    ...(stepUp && { stepUp }),
    ...(parent !== undefined && { parent, budgets: budgets.value }),
    ...(lifetime !== undefined && { lifetimeSeconds: lifetime }),
    ...(renewWithin !== undefined && { renewWithin }),
    ...(prompt !== undefined && { prompt }),
  });
}
