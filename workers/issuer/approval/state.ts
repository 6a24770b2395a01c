import type { ApprovalDecidedRecord, OrderVia } from '../../../src/audit/index.ts';
import {
  isWithin,
  toSeconds,
  type UnixMilliseconds,
  type UnixSeconds,
} from '../../../src/clock.ts';
import {
  APPROVAL_INTERVAL_SECONDS,
  APPROVAL_INTERVAL_SECONDS_MAX,
  WORKFLOW_SECONDS_MAX,
} from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';

// Of one agent: as many at once as a person reads with care, and six such lists in an hour.
export const APPROVALS_PENDING_PER_AGENT_MAX = 8;
export const APPROVALS_STORED_PER_AGENT_MAX = 48;
export const APPROVALS_PENDING_MAX = 1_000; // Of all agents: no one reads a longer list.

/**
 * `pending → approved | refused | expired`, `approved → used | expired | refused`. The last three
 * are terminal: a trigger in SQL enforces it as well.
 */
export type ApprovalState = 'pending' | 'approved' | 'refused' | 'expired' | 'used';

/** The block that approves calls, as far as a withdrawal needs it. */
export interface SignedBlock {
  readonly workflow: string;
  /** Of the approver, in lower-case hex: what the feed lists if it is withdrawn. */
  readonly signature: string;
  readonly until: UnixSeconds;
}

/** A question and what became of it, as the object stores it. */
export interface Approval {
  readonly id: string;
  readonly agent: string;
  readonly digest: string;
  readonly state: ApprovalState;
  /** The end of the question, of the approval, or of the row. */
  readonly deadline: UnixSeconds;
  /** Seconds that the agent must leave between two polls. */
  readonly interval: number;
  /** The last poll; 0 before the first. */
  readonly polled: UnixMilliseconds;
  /**
   * The record of the answer. It exists from the answer on, even before the answer takes effect.
   */
  readonly decision?: ApprovalDecidedRecord;
  /** The block of approved calls that the agent has. */
  readonly signed?: SignedBlock;
}

/** What an agent receives while no one has answered. */
export interface PendingApproval {
  readonly id: string;
  readonly expiresIn: number;
  readonly interval: number;
}

export type ApprovalRefusal =
  | ({ readonly code: 'approval_pending' } & PendingApproval)
  | ({ readonly code: 'approval_polled_too_fast' } & PendingApproval)
  | { readonly code: 'approval_refused' }
  | { readonly code: 'approval_expired' }
  /** Not a question of this agent, not the question that was asked, or one that was used. */
  | {
      readonly code: 'approval_foreign';
      readonly cause: 'unknown' | 'question_differs' | 'used';
    }
  | { readonly code: 'approvals_exhausted' };

/** An approval by which one capability may be minted. */
export interface Approved {
  /** The person who approved. */
  readonly by: string;
  readonly until: UnixSeconds;
}

/** Returns the state at `now`; the alarm that stores it may be late. */
export function stateAt(
  { state, deadline, decision }: Approval,
  now: UnixMilliseconds,
): ApprovalState {
  if (state === 'pending') return decision || deadline > now / 1000 ? 'pending' : 'expired';
  return state === 'approved' && deadline <= now / 1000 ? 'expired' : state;
}

export const toPending = (
  { id, deadline, interval }: Approval,
  now: UnixMilliseconds,
): PendingApproval => ({ id, interval, expiresIn: Math.max(1, deadline - toSeconds(now)) });

/**
 * Decides what a poll gets. The agent and the question are compared before the state, so that an id
 * alone does not disclose whether someone approved something.
 */
export function decidePoll(
  approval: Approval | undefined,
  poll: { readonly agent: string; readonly digest: string; readonly now: UnixMilliseconds },
): Result<Approved, ApprovalRefusal> {
  if (!approval || approval.agent !== poll.agent) {
    return refuse({ code: 'approval_foreign', cause: 'unknown' });
  }
  if (approval.digest !== poll.digest) {
    return refuse({ code: 'approval_foreign', cause: 'question_differs' });
  }
  switch (stateAt(approval, poll.now)) {
    case 'pending': {
      const isTooFast = isWithin(approval.polled, poll.now, approval.interval * 1000);
      const interval = isTooFast ? slowDown(approval.interval) : approval.interval;
      const code = isTooFast ? 'approval_polled_too_fast' : 'approval_pending';
      return refuse({ code, ...toPending({ ...approval, interval }, poll.now) });
    }
    case 'approved': {
      const { by, until } = approval.decision ?? {};
      if (by === undefined || until === undefined) {
        throw new Error('an approval has no record of who approved it');
      }
      return ok({ by, until });
    }
    case 'refused':
      return refuse({ code: 'approval_refused' });
    case 'expired':
      return refuse({ code: 'approval_expired' });
    case 'used':
      return refuse({ code: 'approval_foreign', cause: 'used' });
  }
}

/** RFC 8628 section 3.5: five seconds more for this and all later polls, up to a minute. */
const slowDown = (interval: number): number =>
  Math.min(interval + APPROVAL_INTERVAL_SECONDS, APPROVAL_INTERVAL_SECONDS_MAX);

/** A person's answer, sent with an operator's credential. */
export interface ApprovalAnswer {
  readonly id: string;
  /** Digest of the question as the person saw it. */
  readonly digest: string;
  readonly decision: 'approve' | 'refuse';
  readonly actor: string;
  readonly via?: OrderVia;
  readonly by: string;
  readonly reason: string;
  /** The id of the passkey that signed an approval. */
  readonly passkey?: string;
  /** The end of an approval; absent for a refusal. */
  readonly until?: UnixSeconds;
}

/** Why a person's answer is not accepted. */
export type AnswerRefusal =
  | { readonly code: 'approval_unknown' }
  | { readonly code: 'digest_differs' }
  | { readonly code: 'until_invalid' }
  | { readonly code: 'approver_is_agent' }
  | { readonly code: 'approval_ended'; readonly state: ApprovalState };

/** Whether an answer withdraws an approval that is not used up yet, in force or not. */
const isWithdrawal = (approval: Approval, answer: ApprovalAnswer, now: UnixMilliseconds): boolean =>
  answer.decision === 'refuse' &&
  answer.until === undefined &&
  approval.decision?.decision === 'approve' &&
  (['pending', 'approved'].includes(stateAt(approval, now)) || isUsable(approval, now));

/** Whether the agent has a block by which its calls may still be allowed. */
export const isUsable = ({ state, signed }: Approval, now: UnixMilliseconds): boolean =>
  state === 'used' && signed !== undefined && signed.until > now / 1000;

/** Checks an answer. Returns `null` if the same answer was given before. */
export function checkAnswer(
  approval: Approval | undefined,
  answer: ApprovalAnswer,
  now: UnixMilliseconds,
): Result<Approval | null, AnswerRefusal> {
  if (!approval) return refuse({ code: 'approval_unknown' });
  if (approval.digest !== answer.digest) return refuse({ code: 'digest_differs' });
  const { decision } = approval;
  const state = stateAt(approval, now);
  if (isWithdrawal(approval, answer, now)) return ok(approval);
  if (decision) {
    const isSame = (['decision', 'by', 'reason', 'until'] as const).every(
      (member) => decision[member] === answer[member],
    );
    return isSame ? ok(null) : refuse({ code: 'approval_ended', state });
  }
  if (state !== 'pending') return refuse({ code: 'approval_ended', state });
  if (answer.by === approval.agent) return refuse({ code: 'approver_is_agent' });
  const seconds = answer.until === undefined ? undefined : answer.until - now / 1000;
  const isValid =
    answer.decision === 'refuse'
      ? seconds === undefined
      : seconds !== undefined && seconds > 0 && seconds <= WORKFLOW_SECONDS_MAX;
  return isValid ? ok(approval) : refuse({ code: 'until_invalid' });
}
