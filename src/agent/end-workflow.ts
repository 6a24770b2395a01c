import * as v from 'valibot';
import { readBounded } from '../body.ts';
import { type Clock, readClock } from '../clock.ts';
import { OBTAIN_MILLISECONDS_MAX } from '../limits.ts';
import {
  anything,
  callable,
  expecting,
  type Members,
  numberFrom,
  type OptionalMember,
  optional,
  optionsFault,
  text,
} from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Capability } from './capability.ts';
import { issuerFault, OBTAIN_OPTIONS, type ObtainOptions } from './obtain-options.ts';
import { provingFetch } from './proving-fetch.ts';

/**
 * The options of `completeWorkflow` and `failWorkflow`. Those of `obtainCapability` are accepted as
 * well, so that an agent can keep one object for both.
 */
export interface EndingOptions {
  /** The issuer's URL. */
  readonly issuer: string;
  readonly fetch?: typeof fetch;
  /** The wall clock by default. */
  readonly now?: Clock;
}

/** Why the workflow was not ended. */
export type EndingError =
  /** Nothing was sent: an option is wrong. `why` names it and says what to write. */
  | { readonly code: 'options_invalid'; readonly why: string }
  /** 401: the capability is invalid. 403: it was narrowed. 409: the workflow is not active. */
  | { readonly code: 'refused'; readonly status: number; readonly error: string }
  | { readonly code: 'unreachable'; readonly url: string; readonly why: string };

/** The new state of the workflow: `completing` during the grace period, or a final one. */
export interface Ended {
  readonly workflow: string;
  readonly state: string;
}

const ANSWER_BYTES_MAX = 4 * 1024;
const ended = v.object({ workflow: v.string(), state: v.string() });
const refusal = v.object({ error: v.string() });

const KNOWN = {
  ...(Object.fromEntries(
    Object.keys(OBTAIN_OPTIONS).map((name) => [name, optional(anything)]),
  ) as Record<keyof ObtainOptions, OptionalMember>),
  issuer: text,
  fetch: optional(callable),
  now: optional(callable),
};
const COMPLETING = { ...KNOWN, graceSeconds: optional(numberFrom(0)) };
const FAILING = {
  ...KNOWN,
  reason: optional(expecting('a string', (value) => typeof value === 'string')),
};

/**
 * Tells the issuer that the workflow is done. This is final. It ends the tokens of the workflow and
 * of every workflow below it, at once or after `graceSeconds` (at most 30) for calls in flight.
 *
 * @example
 * ```ts
 * import { completeWorkflow } from 'hewn/agent';
 *
 * const ended = await completeWorkflow(capability, { issuer, graceSeconds: 5 });
 * if (!ended.ok) console.error(ended.error.code);
 * ```
 */
export const completeWorkflow = (
  capability: Capability,
  options: EndingOptions & { readonly graceSeconds?: number },
): Promise<Result<Ended, EndingError>> =>
  endWorkflow(capability, options, 'complete', COMPLETING, ({ graceSeconds = 0 }) => ({
    grace_seconds: graceSeconds,
  }));

/** Tells the issuer that the workflow cannot do its work. As final as `completeWorkflow`. */
export const failWorkflow = (
  capability: Capability,
  options: EndingOptions & { readonly reason?: string },
): Promise<Result<Ended, EndingError>> =>
  endWorkflow(capability, options, 'fail', FAILING, ({ reason }) => ({ reason }));

async function endWorkflow<Options extends EndingOptions>(
  { token, workflow, holder }: Capability,
  options: Options,
  ending: 'complete' | 'fail',
  known: Members<Options>,
  bodyOf: (options: Options) => Readonly<Record<string, unknown>>,
): Promise<Result<Ended, EndingError>> {
  const caller = `${ending}Workflow`;
  const why = optionsFault(options, caller, known) ?? issuerFault(options.issuer, caller);
  if (why !== undefined) return refuse({ code: 'options_invalid', why });
  const { issuer, now = readClock, fetch: send = fetch } = options;
  const url = `${issuer}/workflows/v1/${workflow}/${ending}`;
  const request = new Request(url, {
    method: 'POST',
    body: JSON.stringify(bodyOf(options)),
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      authorization: `${holder ? 'DPoP' : 'Bearer'} ${token}`,
    },
    signal: AbortSignal.timeout(OBTAIN_MILLISECONDS_MAX),
  });
  try {
    const response = holder
      ? await provingFetch(send, now)(request, holder, token)
      : await send(request);
    const answer = await readBounded(response, ANSWER_BYTES_MAX);
    const value: unknown = answer.ok ? JSON.parse(answer.value) : undefined;
    const success = v.safeParse(ended, value);
    if (response.ok && success.success) return ok(success.output);
    const refused = v.safeParse(refusal, value);
    const error = refused.success ? refused.output.error : 'malformed_answer';
    return refuse({ code: 'refused', status: response.status, error });
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    return refuse({ code: 'unreachable', url, why });
  }
}
