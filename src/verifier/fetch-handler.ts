import { having, httpUrl } from '../option-values.ts';
import { callable, type Members, optional, readOptions } from '../options.ts';
import { type Report, reportTo } from '../report.ts';
import type { Result } from '../result.ts';
import { readCredentials } from './credentials.ts';
import type { Decision } from './decision.ts';
import { oneRequest } from './one-request.ts';
import { peekBody } from './peeked-body.ts';
import { withResourceMetadata } from './resource-metadata.ts';
import { neededDetails, withNeeded } from './step-up.ts';
import type { Verifier, VerifyRequest } from './verifier.ts';
import { denialResponse, withNonce } from './wire.ts';

export interface GuardOptions<Rest extends readonly unknown[]> {
  readonly verifier: Verifier;
  /**
   * Describes what the request would do, or answers it where it is not a call at all. It may read
   * the body, of up to 256 KiB: `handle` gets it whole all the same.
   */
  readonly describe: (request: Request) => Promise<Result<VerifyRequest, Response>>;
  /** Runs for allowed requests only. */
  readonly handle: (request: Request, decision: Decision, ...rest: Rest) => Promise<Response>;
  /** Where this resource server's metadata is (RFC 9728); a 401 then says so. */
  readonly resourceMetadata?: string;
  /** Sees every decision, for the decision records. It is not waited for; a failure is reported. */
  readonly decided?: Decided<Rest, void> | Decided<Rest, Promise<void>>;
  /** Where a failure of `decided` goes; the console without it. */
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

/** Puts a verifier in front of a Fetch handler: `export default { fetch: guard({ … }) }`. */
export function guard<Rest extends readonly unknown[]>(options: GuardOptions<Rest>) {
  readOptions(options, 'guard', OPTIONS as Members<GuardOptions<Rest>>);
  const { verifier, describe, handle } = options;
  return async (received: Request, ...rest: Rest): Promise<Response> => {
    const one = oneRequest(received);
    if (!one.ok) {
      const unclear = { code: 'name_invalid', kind: 'path', why: one.error } as const;
      return unread(received, denialResponse(unclear, realmOf(verifier)));
    }
    const body = peekBody(one.value);
    const described = await describe(body.first);
    if (body.close()) return unread(received, new Response('too large', { status: 413 }));
    if (!described.ok) return unread(received, described.error);
    const request = body.second();
    const { token, proof } = readCredentials(request);
    const decision = await verifier.verify(token, { ...described.value, ...(proof && { proof }) });
    tell(options, decision, request, rest);
    if (decision.allowed) {
      return withNonce(await handle(request, decision, ...rest), await verifier.nonce());
    }
    const denied = await withNeeded(
      denialResponse(decision.denial, realmOf(verifier), proof?.scheme),
      neededDetails(decision.denial, described.value),
    );
    const { resourceMetadata: metadata } = options;
    const told = metadata === undefined ? denied : withResourceMetadata(denied, metadata);
    return unread(request, withNonce(told, await verifier.nonce()));
  };
}

/** The verifier's own name. That in the request is the client's, who would be quoted by us. */
const realmOf = ({ realm = 'hewn' }: Verifier): string => realm;

/** The answer to a request whose body nobody will read, which else would hold its connection. */
function unread({ body }: Request, response: Response): Response {
  // The runtime may be done with it already, and the answer does not wait for it.
  if (body && !body.locked) body.cancel().catch(() => undefined);
  return response;
}

/** What a recorder throws is its own: it changes no answer, and ends no process. */
function tell<Rest extends readonly unknown[]>(
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
