import * as v from 'valibot';
import { readBounded } from '../body.ts';
import {
  ACTIONS,
  argumentConstraintsSchema,
  type Grant,
  groupReads,
  separateReads,
} from '../capability/index.ts';
import { type Clock, readClock } from '../clock.ts';
import type { DpopKey } from '../dpop/index.ts';
import {
  CAPABILITY_SECONDS_MAX,
  OBTAIN_MILLISECONDS_MAX,
  TOKEN_TEXT_BYTES_MAX,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { readPending, whenApproved } from './approval.ts';
import type { Capability, ObtainError } from './capability.ts';
import { type ObtainOptions, obtainFault, quoted } from './obtain-options.ts';
import { provingFetch } from './proving-fetch.ts';

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
          v.union([
            v.object({
              tool: v.string(),
              action: v.picklist(ACTIONS),
              dataset: v.string(),
              constraints: v.exactOptional(argumentConstraintsSchema),
            }),
            v.object({
              tools: v.array(v.string()),
              action: v.literal('read'),
              dataset: v.string(),
            }),
          ]),
        ),
      }),
    ),
    v.length(1),
  ),
  hewn_refused: v.exactOptional(v.string()),
});

const refusal = v.object({ error: v.string(), error_description: v.optional(v.string(), '') });

/**
 * Exchanges the tokens of a user and a workload for a capability (RFC 8693 token exchange). If a
 * person must approve first, returns `approval_pending`, or waits for as long as `options.approval`
 * allows. Never throws: a wrong option is refused as `options_invalid`.
 *
 * @example
 * ```ts
 * import { obtainCapability } from 'hewn/agent';
 *
 * const obtained = await obtainCapability({
 *   issuer,
 *   audience,
 *   subjectToken,
 *   actorToken,
 *   task: 'quarterly churn report',
 *   grants: [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }],
 *   fetch,
 * });
 * if (!obtained.ok) throw new Error(obtained.error.code);
 * ```
 */
export async function obtainCapability(
  options: ObtainOptions,
): Promise<Result<Capability, ObtainError>> {
  const why = obtainFault(options, 'obtainCapability');
  return why === undefined
    ? whenApproved(options, obtainOnce)
    : refuse({ code: 'options_invalid', why });
}

async function obtainOnce(options: ObtainOptions): Promise<Result<Capability, ObtainError>> {
  const { issuer, audience, dpop, now = readClock } = options;
  const send = options.fetch ?? fetch;
  const milliseconds = options.requestMilliseconds ?? OBTAIN_MILLISECONDS_MAX;
  // Redirects are not followed: the tokens are for the issuer's host only.
  const call: typeof fetch = (input, init) =>
    send(input, { ...init, redirect: 'manual', signal: AbortSignal.timeout(milliseconds) });
  const metadataUrl = `${issuer}/.well-known/oauth-authorization-server`;
  const found = await getJson(call, metadataUrl, metadata);
  if (!found.ok) return found;
  // RFC 8414 section 3.3: metadata of another issuer would send our tokens to its endpoint.
  if (found.value.issuer !== issuer) {
    return malformed(metadataUrl, anotherIssuer(found.value, issuer));
  }
  const url = found.value.token_endpoint;
  const requestedAt = now();
  const granted = await getJson(withProof(call, dpop, now), url, answer, {
    method: 'POST',
    body: tokenRequest(options),
    now,
  });
  if (!granted.ok) return hinted(granted, audience);
  const { authorization_details: details, hewn_refused: refused } = granted.value;
  const [detail] = details;
  if (!detail) return malformed(url, 'The answer does not say what was granted.');
  // RFC 6749 section 7.1: the type is case-insensitive. A bound token without its key is useless.
  const isBound = granted.value.token_type.toLowerCase() === 'dpop';
  if (isBound !== (dpop !== undefined)) return refuse({ code: 'not_bound', url });
  return ok({
    token: granted.value.access_token,
    workflow: detail.workflow,
    task: detail.task,
    audience,
    grants: separateReads(detail.grants) as readonly Grant[],
    expires: new Date(requestedAt + granted.value.expires_in * 1000),
    ...(dpop && { holder: dpop }),
    ...(options.approval?.id !== undefined && { approval: options.approval.id }),
    ...(refused !== undefined && { refused }),
  });
}

const malformed = (url: string, why: string): Result<never, ObtainError> =>
  refuse({ code: 'malformed_answer', url, why });

/** People take `localhost` and `127.0.0.1` for the same issuer; tokens do not. */
const anotherIssuer = ({ issuer: stated }: { readonly issuer: string }, issuer: string): string =>
  `The metadata names the issuer ${quoted(stated)}, but the option \`issuer\` is ${quoted(issuer)}. Issuers are compared byte for byte: write it exactly as its metadata does.`;

/** Adds a hint: the issuer itself does not say which target it would accept. */
function hinted(refused: Result<never, ObtainError>, audience: string): Result<never, ObtainError> {
  if (refused.ok || refused.error.code !== 'refused') return refused;
  if (refused.error.error !== 'invalid_target') return refused;
  const slash = audience.endsWith('/') ? ' Yours ends with a slash.' : '';
  const hint = `The issuer knows no resource server ${quoted(audience)}. Audiences are compared byte for byte with its configuration: check for a trailing slash, and for localhost instead of 127.0.0.1.${slash}`;
  return refuse({ ...refused.error, hint });
}

/** Adds a proof to every request, if there is a key. */
function withProof(call: typeof fetch, dpop: DpopKey | undefined, now: Clock): typeof fetch {
  if (!dpop) return call;
  const prove = provingFetch(call, now);
  return (input, init) => prove(new Request(input, init), dpop);
}

function tokenRequest(options: ObtainOptions): URLSearchParams {
  const type = 'urn:ietf:params:oauth:token-type:access_token';
  return new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    // Without a user, the agent's own token is the subject, and nothing acts for it.
    subject_token: options.subjectToken ?? options.actorToken,
    subject_token_type: type,
    ...(options.subjectToken !== undefined && {
      actor_token: options.actorToken,
      actor_token_type: type,
    }),
    resource: options.audience,
    // JSON leaves out undefined members.
    authorization_details: JSON.stringify([
      {
        type: 'hewn_task',
        task: options.task,
        grants: groupReads(options.grants),
        workflow: options.workflow,
        step_up: options.stepUp,
        parent: options.parent?.token,
        budgets: options.budgets,
        lifetime: options.lifetimeSeconds,
        prompt:
          options.workflow === undefined && options.parent === undefined
            ? options.prompt
            : undefined,
        renew_within: options.workflow === undefined ? options.renewWithinSeconds : undefined,
      },
    ]),
    ...(options.approval?.id !== undefined && { auth_req_id: options.approval.id }),
  });
}

/** In browsers, an unfollowed redirect is opaque and has status 0. */
const isRedirect = ({ status }: Response): boolean =>
  status === 0 || (status >= 300 && status < 400);

const TOKEN_ANSWER_BYTES_MAX = 64 * 1024; // A token of 8 KiB with its grants, and some room.

async function getJson<Schema extends v.GenericSchema>(
  call: typeof fetch,
  url: string,
  schema: Schema,
  { now = readClock, ...init }: RequestInit & { readonly now?: Clock | undefined } = {},
): Promise<Result<v.InferOutput<Schema>, ObtainError>> {
  try {
    const response = await call(url, init);
    if (isRedirect(response)) {
      await response.body?.cancel();
      return malformed(url, 'The answer is a redirect, which is not followed.');
    }
    const body = await readBounded(response, TOKEN_ANSWER_BYTES_MAX);
    if (!body.ok)
      return malformed(url, `The answer is larger than ${TOKEN_ANSWER_BYTES_MAX} bytes.`);
    const value: unknown = JSON.parse(body.value);
    if (response.ok) {
      const parsed = v.safeParse(schema, value);
      return parsed.success ? ok(parsed.output) : malformed(url, shapeFault(parsed.issues[0]));
    }
    const pending = readPending(value, now());
    if (pending) return refuse(pending);
    const refused = v.safeParse(refusal, value);
    if (!refused.success) {
      return malformed(url, `The answer has status ${response.status} and no OAuth error.`);
    }
    const { error, error_description: description } = refused.output;
    return refuse({ code: 'refused', status: response.status, error, description });
  } catch (error) {
    if (error instanceof SyntaxError) return malformed(url, 'The answer is not JSON.');
    const why = error instanceof Error ? error.message : 'unknown';
    return refuse({ code: 'unreachable', url, why });
  }
}

/** Says where the answer has the wrong form, without quoting it: it may contain a token. */
const shapeFault = ({ path }: v.BaseIssue<unknown>): string =>
  `The member \`${path?.map(({ key }) => String(key)).join('.') ?? ''}\` of the answer is missing or malformed.`;
