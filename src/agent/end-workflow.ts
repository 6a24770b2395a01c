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

/** The options of `obtainCapability` are taken as well, so that an agent may keep them as one. */
export interface EndingOptions {
  /** The issuer's URL. */
  readonly issuer: string;
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now?: Clock;
}

export type EndingError =
  /** Nothing was sent; see `ObtainError`. */
  | { readonly code: 'options_invalid'; readonly why: string }
  /** 401: the capability is dead. 403: it was narrowed. 409: the workflow is not active. */
  | { readonly code: 'refused'; readonly status: number; readonly error: string }
  | { readonly code: 'unreachable'; readonly url: string; readonly why: string };

/** What became of the workflow: `completing` for the seconds that were asked for, or its end. */
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
  reason: optional(expecting('a text', (value) => typeof value === 'string')),
};

/**
 * Says that the workflow's work is done. It is final, and ends the workflow's tokens and those of
 * all below it: at once, or after `graceSeconds` (30 at most) for calls that are in flight.
 */
export const completeWorkflow = (
  capability: Capability,
  options: EndingOptions & { readonly graceSeconds?: number },
): Promise<Result<Ended, EndingError>> =>
  endWorkflow(capability, options, 'complete', COMPLETING, ({ graceSeconds = 0 }) => ({
    grace_seconds: graceSeconds,
  }));

/** Says that the workflow's work cannot be done; as final as completing it. */
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
  const what = `${ending}Workflow`;
  const why = optionsFault(options, what, known) ?? issuerFault(options.issuer, what);
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
    const done = v.safeParse(ended, value);
    if (response.ok && done.success) return ok(done.output);
    const said = v.safeParse(refusal, value);
    const error = said.success ? said.output.error : 'malformed_answer';
    return refuse({ code: 'refused', status: response.status, error });
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    return refuse({ code: 'unreachable', url, why });
  }
}
