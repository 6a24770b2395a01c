import { having, httpUrl } from '../option-values.ts';
import { callable, type Members, optional, readOptions } from '../options.ts';
import type { Result } from '../result.ts';
import { readCredentials } from './credentials.ts';
import type { Decision } from './decision.ts';
import { withResourceMetadata } from './resource-metadata.ts';
import { neededDetails, withNeeded } from './step-up.ts';
import type { Verifier, VerifyRequest } from './verifier.ts';
import { denialResponse, withNonce } from './wire.ts';

export interface GuardOptions<Rest extends readonly unknown[]> {
  readonly verifier: Verifier;
  /** Describes what the request would do, or answers it where it is not a call at all. */
  readonly describe: (request: Request) => Promise<Result<VerifyRequest, Response>>;
  /** Runs for allowed requests only. */
  readonly handle: (request: Request, decision: Decision, ...rest: Rest) => Promise<Response>;
  /** Where this resource server's metadata is (RFC 9728); a 401 then says so. */
  readonly resourceMetadata?: string;
  /** Sees every decision, for the decision records. */
  readonly decided?: (decision: Decision, request: Request, ...rest: Rest) => void;
}

const OPTIONS: Members<GuardOptions<readonly unknown[]>> = {
  verifier: having('verify', 'nonce'),
  describe: callable,
  handle: callable,
  resourceMetadata: optional(httpUrl),
  decided: optional(callable),
};

/** Puts a verifier in front of a Fetch handler: `export default { fetch: guard({ … }) }`. */
export function guard<Rest extends readonly unknown[]>(options: GuardOptions<Rest>) {
  readOptions(options, 'guard', OPTIONS as Members<GuardOptions<Rest>>);
  const { verifier, describe, handle, decided } = options;
  return async (request: Request, ...rest: Rest): Promise<Response> => {
    const described = await describe(request);
    if (!described.ok) return described.error;
    const { token, proof } = readCredentials(request);
    const decision = await verifier.verify(token, { ...described.value, ...(proof && { proof }) });
    decided?.(decision, request, ...rest);
    if (decision.allowed) {
      return withNonce(await handle(request, decision, ...rest), await verifier.nonce());
    }
    const { host } = new URL(request.url);
    const denied = await withNeeded(
      denialResponse(decision.denial, host, proof?.scheme),
      neededDetails(decision.denial, described.value),
    );
    const { resourceMetadata: metadata } = options;
    const told = metadata === undefined ? denied : withResourceMetadata(denied, metadata);
    return withNonce(told, await verifier.nonce());
  };
}
