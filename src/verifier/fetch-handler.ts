import { having, httpUrl } from '../option-values.ts';
import { callable, type Members, optional, readOptions } from '../options.ts';
import { type Report, reportTo } from '../report.ts';
import type { Result } from '../result.ts';
import { canonicalRequest } from './canonical-request.ts';
import { readCredentials } from './credentials.ts';
import type { Decision } from './decision.ts';
import { replayableBody } from './replayable-body.ts';
import { withResourceMetadata } from './resource-metadata.ts';
import { neededDetails, withNeeded } from './step-up.ts';
import type { Verifier, VerifyRequest } from './verifier.ts';
import { denialResponse, withNonce } from './wire.ts';

/** The options of `guard`. `Rest`: what the runtime passes to a handler besides the request. */
export interface GuardOptions<Rest extends readonly unknown[]> {
  readonly verifier: Verifier;
  /**
   * Describes what the request would do, or answers it if it is not a call at all. It may read up
   * to 256 KiB of the body; `handle` still gets all of it.
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
      return discardBody(received, denialResponse(denial, realmOf(verifier)));
    }
    const body = replayableBody(canonical.value);
    const described = await describe(body.first);
    if (body.close()) return discardBody(received, new Response('too large', { status: 413 }));
    if (!described.ok) return discardBody(received, described.error);
    const request = body.second();
    const { token, proof } = readCredentials(request);
    const decision = await verifier.verify(token, { ...described.value, ...(proof && { proof }) });
    notify(options, decision, request, rest);
    if (decision.allowed) {
      return withNonce(await handle(request, decision, ...rest), await verifier.nonce());
    }
    const denied = await withNeeded(
      denialResponse(decision.denial, realmOf(verifier), proof?.scheme),
      neededDetails(decision.denial, described.value),
    );
    const { resourceMetadata: metadata } = options;
    const response = metadata === undefined ? denied : withResourceMetadata(denied, metadata);
    return discardBody(request, withNonce(response, await verifier.nonce()));
  };
}

/** The verifier's own name. A name from the request would let the client choose what we quote. */
const realmOf = ({ realm = 'hewn' }: Verifier): string => realm;

/** Answers a request whose body is not read. Unread, the body would hold its connection. */
function discardBody({ body }: Request, response: Response): Response {
  // The runtime may have finished with it already, and the answer does not wait for it.
  if (body && !body.locked) body.cancel().catch(() => undefined);
  return response;
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
