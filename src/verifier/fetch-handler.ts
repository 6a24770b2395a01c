import { having, httpUrl } from '../option-values.ts';
import { callable, type Members, optional, readOptions } from '../options.ts';
import { type Report, reportTo } from '../report.ts';
import type { Result } from '../result.ts';
import { canonicalRequest } from './canonical-request.ts';
import { readCredentials } from './credentials.ts';
import type { Decision } from './decision.ts';
import { denyRequest, discardBody } from './deny-request.ts';
import { replayableBody } from './replayable-body.ts';
import type { Verifier } from './verifier.ts';
import type { VerifyRequest } from './verify-request.ts';
import { withNonce } from './wire-form.ts';

/** The options of `guard`. `Rest`: what the runtime passes to a handler besides the request. */
export interface GuardOptions<Rest extends readonly unknown[]> {
  readonly verifier: Verifier;
  /**
   * Describes what the request would do, or answers it if it is not a call at all. It runs after
   * the token's signatures, issuer and audience were verified. It may read up to 256 KiB of the
   * body; `handle` still gets all of it.
   */
  readonly describe: (request: Request) => Promise<Result<VerifyRequest, Response>>;
  /** Runs for allowed requests only. */
  readonly handle: (request: Request, decision: Decision, ...rest: Rest) => Promise<Response>;
  /** The URL of this resource server's metadata (RFC 9728), for the challenge of a denial. */
  readonly resourceMetadata?: string;
  /** Sees every decision, to record it. The answer does not wait for it; a failure is reported. */
  readonly decided?: Decided<Rest, void> | Decided<Rest, Promise<void>>;
  /** Where a failure of `decided` is reported; the console by default. */
  readonly report?: Report;
}

type Decided<Rest extends readonly unknown[], Returned> = (
  decision: Decision,
  request: Request,
  ...rest: Rest
) => Returned;

const OPTIONS: Members<GuardOptions<readonly unknown[]>> = {
  verifier: having('verify', 'nonce'),
  describe: callable,
  handle: callable,
  resourceMetadata: optional(httpUrl),
  decided: optional(callable),
  report: optional(callable),
};

/**
 * Puts a verifier in front of a Fetch handler. Returns a handler that answers a denied request
 * itself and passes an allowed one to `handle`. It throws only what `describe` or `handle` throws.
 * Throws a TypeError for options that it does not know or cannot use.
 *
 * @example
 * ```ts
 * import { guard } from 'hewn/verifier';
 *
 * const handler = guard({
 *   verifier,
 *   describe: async () => ({
 *     ok: true,
 *     value: { tool: 'crm.search', action: 'read', dataset: 'crm/contacts', tier: 1 },
 *   }),
 *   handle: async () => Response.json({ contacts: [] }),
 * });
 * const response = await handler(request);
 * if (response.status !== 200) throw new Error(await response.text());
 * ```
 */
export function guard<Rest extends readonly unknown[]>(options: GuardOptions<Rest>) {
  readOptions(options, 'guard', OPTIONS as Members<GuardOptions<Rest>>);
  const { verifier, describe, handle } = options;
  return async (received: Request, ...rest: Rest): Promise<Response> => {
    const canonical = canonicalRequest(received);
    if (!canonical.ok) {
      const denial = { code: 'name_invalid', kind: 'path', why: canonical.error } as const;
      return denyRequest(received, denial, { verifier });
    }
    const { token, proof } = readCredentials(canonical.value);
    const context = { ...options, scheme: proof?.scheme };
    const opened = await verifier.open(token);
    if (opened.denial) {
      const decision = { allowed: false, ...opened, denial: opened.denial } as const;
      notify(options, decision, canonical.value, rest);
      return denyRequest(canonical.value, opened.denial, context);
    }
    const body = replayableBody(canonical.value);
    const described = await describe(body.first);
    const isTooLarge = body.close();
    const request = body.second();
    if (isTooLarge || !described.ok) {
      discardBody(request.body);
      return described.ok ? new Response('too large', { status: 413 }) : described.error;
    }
    const call = described.value;
    const decision = await opened.verify({ ...call, ...(proof && { proof }) });
    notify(options, decision, request, rest);
    if (!decision.allowed) {
      const { capability } = opened;
      return denyRequest(request, decision.denial, { ...context, call, capability });
    }
    return withNonce(await handle(request, decision, ...rest), await verifier.nonce());
  };
}

/** Calls `decided`. Whatever it throws changes no answer and ends no process. */
function notify<Rest extends readonly unknown[]>(
  { decided, report }: GuardOptions<Rest>,
  decision: Decision,
  request: Request,
  rest: Rest,
): void {
  const failed = (error: unknown): void =>
    reportTo(report, 'decided.failed', {
      error: error instanceof Error ? error.name : typeof error,
    });
  try {
    Promise.resolve(decided?.(decision, request, ...rest)).catch(failed);
  } catch (error) {
    failed(error);
  }
}
