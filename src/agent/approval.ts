import * as v from 'valibot';
import type { UnixMilliseconds } from '../clock.ts';
import { APPROVAL_INTERVAL_SECONDS_MAX, WORKFLOW_SECONDS_MAX } from '../limits.ts';
import { type Result, refuse } from '../result.ts';
import type { ApprovalPending, Capability, ObtainError } from './capability.ts';
import type { ObtainOptions } from './obtain-options.ts';

const waiting = v.object({
  error: v.picklist(['authorization_pending', 'slow_down']),
  auth_req_id: v.pipe(v.string(), v.maxLength(256)),
  expires_in: v.pipe(v.number(), v.minValue(0), v.maxValue(WORKFLOW_SECONDS_MAX)),
  // Bounded: with 0 the agent would poll without a pause, with a year it would never poll.
  interval: v.pipe(v.number(), v.minValue(1), v.maxValue(APPROVAL_INTERVAL_SECONDS_MAX)),
});

/** Reads an answer that says to wait (RFC 8628 section 3.5, CIBA Core section 11). */
export function readPending(body: unknown, now: UnixMilliseconds): ApprovalPending | undefined {
  const parsed = v.safeParse(waiting, body);
  if (!parsed.success) return undefined;
  const { auth_req_id: id, expires_in: seconds, interval } = parsed.output;
  const expires = new Date(now + seconds * 1000);
  return { code: 'approval_pending', id, expires, intervalSeconds: interval };
}

/** Repeats the request until a person has decided, for as long as `options.approval` allows. */
export async function whenApproved(
  options: ObtainOptions,
  attempt: (options: ObtainOptions) => Promise<Result<Capability, ObtainError>>,
): Promise<Result<Capability, ObtainError>> {
  const { approval = {} } = options;
  const until = performance.now() + (approval.waitMilliseconds ?? 0);
  let request = options;
  for (let polls = 0; ; polls++) {
    const outcome = await attempt(request);
    if (outcome.ok) return outcome;
    const pending = outcome.error;
    if (pending.code !== 'approval_pending') return refuse(asApprovalError(pending, request));
    if (polls === 0 && approval.id === undefined) approval.onPending?.(pending);
    const milliseconds = pending.intervalSeconds * 1000;
    if (performance.now() + milliseconds > until) return outcome;
    if (!(await pause(milliseconds, approval.signal))) return refuse(pending);
    request = { ...options, approval: { ...approval, id: pending.id } };
  }
}

/** `invalid_grant` usually means that the workflow has ended. To a poll, the approval has. */
const asApprovalError = (error: ObtainError, { approval }: ObtainOptions): ObtainError =>
  error.code === 'refused' && error.error === 'invalid_grant' && approval?.id !== undefined
    ? { code: 'approval_void' }
    : error;

/** Waits. Returns false if `signal` ended the wait early. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (isComplete: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      resolve(isComplete);
    };
    const abort = () => end(false);
    const timer = setTimeout(() => end(true), milliseconds);
    signal?.addEventListener('abort', abort);
  });
}
