import type { BlockSigner } from '../biscuit/index.ts';
import { toBase64Url } from '../encoding.ts';
import { APPROVED_CALL_SECONDS_MAX, APPROVED_CALLS_MAX } from '../limits.ts';
import { expecting, type Members, optionsFault } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type ApprovedCall, approvedCallFault, writeApproval } from './approved-call.ts';
import { toBlock } from './datalog.ts';
import { appendSigned, signForToken } from './third-party-block.ts';
import type { TokenError } from './token-error.ts';

/** Why an approval is not signed. */
export type ApproveCallError =
  | TokenError
  | { readonly code: 'approval_invalid'; readonly why: string };

/** When an approval is signed, and until when it is valid. */
export interface ApprovalTimes {
  /** At most 60 seconds after `now`. */
  readonly until: Date;
  readonly now: Date;
}

const date = expecting('a Date', (value) => value instanceof Date && !Number.isNaN(+value));
const TIMES: Members<ApprovalTimes> = { until: date, now: date };

/**
 * Signs the approval of up to 32 calls for the end of `token`, and returns the message to append in
 * base64url. Build `calls` from the arguments that a person saw, and never from what an agent says
 * about them. The message fits this token alone, and no later one of the same workflow.
 *
 * Verifiers count it if the head of the feed lists the key of `signer`.
 */
export async function approveCalls(
  token: string,
  signer: BlockSigner,
  calls: readonly ApprovedCall[],
  times: ApprovalTimes,
): Promise<Result<string, ApproveCallError>> {
  const why = optionsFault(times, 'approveCalls', TIMES) ?? faultOf(calls) ?? untilFault(times);
  if (why !== undefined) return refuse({ code: 'approval_invalid', why });
  const signed = await signForToken(token, signer, toBlock(writeApproval(calls, times.until)));
  return signed.ok ? ok(toBase64Url(signed.value)) : signed;
}

function faultOf(calls: readonly ApprovedCall[]): string | undefined {
  if (calls.length === 0 || calls.length > APPROVED_CALLS_MAX) {
    return `an approval is for 1 to ${APPROVED_CALLS_MAX} calls`;
  }
  if (new Set(calls.map(({ id }) => id)).size < calls.length) return 'two calls have the same id';
  return calls.map(approvedCallFault).find((fault) => fault !== undefined);
}

function untilFault({ until, now }: ApprovalTimes): string | undefined {
  const seconds = (until.getTime() - now.getTime()) / 1000;
  return seconds > 0 && seconds <= APPROVED_CALL_SECONDS_MAX
    ? undefined
    : `an approval is valid for up to ${APPROVED_CALL_SECONDS_MAX} seconds`;
}

/**
 * Returns `token` with an approval that was signed for it. Works offline and needs no key. Refuses
 * an approval for another token.
 */
export const appendApproval = (
  token: string,
  approval: string,
): Promise<Result<string, TokenError>> => appendSigned(token, approval);
