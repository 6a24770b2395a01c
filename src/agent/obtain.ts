import * as v from 'valibot';
import { readBounded } from '../body.ts';
import {
  ACTIONS,
  argumentConstraintsSchema,
  type Budgets,
  type Grant,
} from '../capability/index.ts';
import type { DpopKey } from '../dpop/index.ts';
import {
  CAPABILITY_SECONDS_MAX,
  OBTAIN_MILLISECONDS_MAX,
  TOKEN_TEXT_BYTES_MAX,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Approval, type ApprovalPending, readPending, whenApproved } from './approval.ts';
import { provingFetch } from './proving-fetch.ts';

/** A capability as an agent holds it: the token, and what the issuer said is in it. */
export interface Capability {
  readonly token: string;
  readonly workflow: string;
  readonly task: string;
  readonly audience: string;
  /** What was granted, which may be less than was asked for. */
  readonly grants: readonly Grant[];
  readonly expires: Date;
  /** The key that it is bound to; absent for a capability that whoever has it can use. */
  readonly holder?: DpopKey;
  /** The approval that it was minted by. It is used up: another capability takes another one. */
  readonly approval?: string;
}

export interface ObtainOptions {
  /** The issuer's URL; its endpoints are read from its metadata (RFC 8414). */
  readonly issuer: string;
  /** The one resource server that the capability is for. */
  readonly audience: string;
  /** The user's token, and the token of the agent's own workload: both JWTs for the issuer. */
  readonly subjectToken: string;
  readonly actorToken: string;
  readonly task: string;
  readonly grants: readonly Grant[];
  /** Binds the capability to this key (RFC 9449), so that it is worth nothing to a thief. */
  readonly dpop?: DpopKey;
  /** The id of the workflow to continue, with no more than it was granted; else one begins. */
  readonly workflow?: string;
  /** Asks for more than the workflow was granted; see `stepUp`. */
  readonly stepUp?: true;
  /**
   * Begins a child below the workflow of this capability, which is not narrowed. It has no more
   * than that, ends with it, and is bound to the same key.
   */
  readonly parent?: Capability;
  /** What the child takes of its parent's budgets; without it, half of what is left of each. */
  readonly budgets?: Budgets;
  /** For a policy that asks a person; see `Approval`. Without it, the answer is what waits. */
  readonly approval?: Approval;
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** How long each of the three requests may take. */
  readonly requestMilliseconds?: number;
}

export type ObtainError =
  /** The issuer said no, with its OAuth error (RFC 6749 section 5.2). */
  | {
      readonly code: 'refused';
      readonly status: number;
      readonly error: string;
      readonly description: string;
    }
  | ApprovalPending
  /** The approval that was asked after does not count: it was used, or the question has changed. */
  | { readonly code: 'approval_void' }
  | { readonly code: 'unreachable'; readonly url: string; readonly why: string }
  /** The answer is bound to a key where none was proven, or to none where one was: not used. */
  | { readonly code: 'not_bound'; readonly url: string }
  | { readonly code: 'malformed_answer'; readonly url: string };

const metadata = v.object({ issuer: v.string(), token_endpoint: v.string() });

const answer = v.object({
  token_type: v.string(),
  access_token: v.pipe(v.string(), v.maxLength(TOKEN_TEXT_BYTES_MAX)),
  expires_in: v.pipe(v.number(), v.minValue(1), v.maxValue(CAPABILITY_SECONDS_MAX)),
  authorization_details: v.pipe(
    v.array(
      v.object({
        workflow: v.string(),
        task: v.string(),
        grants: v.array(
          v.object({
            tool: v.string(),
            action: v.picklist(ACTIONS),
            dataset: v.string(),
            constraints: v.exactOptional(argumentConstraintsSchema),
          }),
        ),
      }),
    ),
    v.length(1),
  ),
});

const refusal = v.object({ error: v.string(), error_description: v.optional(v.string(), '') });

/**
 * Exchanges a user's and a workload's token for a capability (RFC 8693 token exchange). Where a
 * person must approve, says so, or waits as long as `approval` lets it.
 */
export const obtainCapability = (
  options: ObtainOptions,
): Promise<Result<Capability, ObtainError>> => whenApproved(options, obtainOnce);

async function obtainOnce(options: ObtainOptions): Promise<Result<Capability, ObtainError>> {
  const { issuer, audience, dpop, now = Date.now } = options;
  const send = options.fetch ?? fetch;
  const milliseconds = options.requestMilliseconds ?? OBTAIN_MILLISECONDS_MAX;
  // Redirects are not followed, so that nothing of ours goes to whom the issuer's host points at.
  const call: typeof fetch = (input, init) =>
    send(input, { ...init, redirect: 'manual', signal: AbortSignal.timeout(milliseconds) });
  const found = await getJson(call, `${issuer}/.well-known/oauth-authorization-server`, metadata);
  if (!found.ok) return found;
  // RFC 8414 section 3.3: metadata of another issuer would send our tokens to its endpoint.
  if (found.value.issuer !== issuer) return refuse({ code: 'malformed_answer', url: issuer });
  const url = found.value.token_endpoint;
  const asked = now();
  const granted = await getJson(withProof(call, dpop, now), url, answer, {
    method: 'POST',
    body: tokenRequest(options),
    now,
  });
  if (!granted.ok) return granted;
  const [detail] = granted.value.authorization_details;
  if (!detail) return refuse({ code: 'malformed_answer', url });
  // RFC 6749 section 7.1: the type is not case-sensitive. Bound without a key is of no use either.
  const isBound = granted.value.token_type.toLowerCase() === 'dpop';
  if (isBound !== (dpop !== undefined)) return refuse({ code: 'not_bound', url });
  return ok({
    token: granted.value.access_token,
    workflow: detail.workflow,
    task: detail.task,
    audience,
    grants: detail.grants as readonly Grant[],
    expires: new Date(asked + granted.value.expires_in * 1000),
    ...(dpop && { holder: dpop }),
    ...(options.approval?.id !== undefined && { approval: options.approval.id }),
  });
}

/** Every request with a proof of the key, where there is a key. */
function withProof(call: typeof fetch, dpop: DpopKey | undefined, now: () => number): typeof fetch {
  if (!dpop) return call;
  const prove = provingFetch(call, now);
  return (input, init) => prove(new Request(input, init), dpop);
}

function tokenRequest(options: ObtainOptions): URLSearchParams {
  const type = 'urn:ietf:params:oauth:token-type:access_token';
  return new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: options.subjectToken,
    subject_token_type: type,
    actor_token: options.actorToken,
    actor_token_type: type,
    resource: options.audience,
    // A member that is undefined is not written.
    authorization_details: JSON.stringify([
      {
        type: 'hewn_task',
        task: options.task,
        grants: options.grants,
        workflow: options.workflow,
        step_up: options.stepUp,
        parent: options.parent?.token,
        budgets: options.budgets,
      },
    ]),
    ...(options.approval?.id !== undefined && { auth_req_id: options.approval.id }),
  });
}

/** In browsers an unfollowed redirect is opaque: its status is 0. */
const isRedirect = ({ status }: Response): boolean =>
  status === 0 || (status >= 300 && status < 400);

const ANSWER_BYTES_MAX = 64 * 1024; // A token of 8 KiB with its grants, and room.

async function getJson<Schema extends v.GenericSchema>(
  call: typeof fetch,
  url: string,
  schema: Schema,
  { now = Date.now, ...init }: RequestInit & { readonly now?: (() => number) | undefined } = {},
): Promise<Result<v.InferOutput<Schema>, ObtainError>> {
  try {
    const response = await call(url, init);
    if (isRedirect(response)) {
      await response.body?.cancel();
      return refuse({ code: 'malformed_answer', url });
    }
    const body = await readBounded(response, ANSWER_BYTES_MAX);
    if (!body.ok) return refuse({ code: 'malformed_answer', url });
    const value: unknown = JSON.parse(body.value);
    if (response.ok) {
      const parsed = v.safeParse(schema, value);
      return parsed.success ? ok(parsed.output) : refuse({ code: 'malformed_answer', url });
    }
    const pending = readPending(value, now());
    if (pending) return refuse(pending);
    const said = v.safeParse(refusal, value);
    if (!said.success) return refuse({ code: 'malformed_answer', url });
    const { error, error_description: description } = said.output;
    return refuse({ code: 'refused', status: response.status, error, description });
  } catch (error) {
    if (error instanceof SyntaxError) return refuse({ code: 'malformed_answer', url });
    const why = error instanceof Error ? error.message : 'unknown';
    return refuse({ code: 'unreachable', url, why });
  }
}
