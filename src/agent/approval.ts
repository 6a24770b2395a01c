import * as v from 'valibot';
import { APPROVAL_INTERVAL_SECONDS_MAX, WORKFLOW_SECONDS_MAX } from '../limits.ts';
import { type Result, refuse } from '../result.ts';
import type { ApprovalPending, Capability, ObtainError } from './capability.ts';
import type { ObtainOptions } from './obtain-options.ts';

const waiting = v.object({
  error: v.picklist(['authorization_pending', 'slow_down']),
  auth_req_id: v.pipe(v.string(), v.maxLength(256)),
  expires_in: v.pipe(v.number(), v.minValue(0), v.maxValue(WORKFLOW_SECONDS_MAX)),
  // An issuer that says 0 would have us ask without a pause; one that says a year, never.
  interval: v.pipe(v.number(), v.minValue(1), v.maxValue(APPROVAL_INTERVAL_SECONDS_MAX)),
});

/** RFC 8628 section 3.5 and CIBA Core section 11: still waiting, as `now` has it. */
export function readPending(body: unknown, now: number): ApprovalPending | undefined {
  const parsed = v.safeParse(waiting, body);
  if (!parsed.success) return undefined;
  const { auth_req_id: id, expires_in: seconds, interval } = parsed.output;
  const expires = new Date(now + seconds * 1000);
  return { code: 'approval_pending', id, expires, intervalSeconds: interval };
}

/** Tries until there is an answer, as far as `options.approval` lets it wait. */
export async function whenApproved(
  options: ObtainOptions,
  attempt: (options: ObtainOptions) => Promise<Result<Capability, ObtainError>>,
): Promise<Result<Capability, ObtainError>> {
  const { approval = {} } = options;
  const until = performance.now() + (approval.waitMilliseconds ?? 0);
  let asked = options;
  for (let polls = 0; ; polls++) {
    const outcome = await attempt(asked);
    if (outcome.ok) return outcome;
    const pending = outcome.error;
    if (pending.code !== 'approval_pending') return refuse(ofApproval(pending, asked));
    if (polls === 0 && approval.id === undefined) approval.onPending?.(pending);
    const pause = pending.intervalSeconds * 1000;
    if (performance.now() + pause > until) return outcome;
    if (!(await paused(pause, approval.signal))) return refuse(pending);
    asked = { ...options, approval: { ...approval, id: pending.id } };
  }
}

/** `invalid_grant` says of a workflow that it ended; to a poll it says that of the approval. */
const ofApproval = (error: ObtainError, { approval }: ObtainOptions): ObtainError =>
  error.code === 'refused' && error.error === 'invalid_grant' && approval?.id !== undefined
    ? { code: 'approval_void' }
    : error;

/** False where it was ended before. */
function paused(milliseconds: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (whole: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      resolve(whole);
    };
    const abort = () => end(false);
    const timer = setTimeout(() => end(true), milliseconds);
    signal?.addEventListener('abort', abort);
  });
}
