import type { ApprovalDecidedRecord } from '../../../src/audit/index.ts';
import { isWithin } from '../../../src/clock.ts';
import {
  APPROVAL_INTERVAL_SECONDS,
  APPROVAL_INTERVAL_SECONDS_MAX,
  WORKFLOW_SECONDS_MAX,
} from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';

/**
 * `pending → approved | refused | expired`, `approved → used | expired | refused`. The last three
 * absorb: a trigger in SQL holds it as well.
 */
export type ApprovalState = 'pending' | 'approved' | 'refused' | 'expired' | 'used';

/** One question and what became of it, as the object keeps it. */
export interface HeldApproval {
  readonly id: string;
  readonly agent: string;
  readonly digest: string;
  readonly state: ApprovalState;
  /** Unix seconds: the end of the question, of the approval, or of the row. */
  readonly deadline: number;
  /** Seconds that the agent has to leave between two polls. */
  readonly interval: number;
  /** Unix milliseconds of the last poll; 0 before the first. */
  readonly polled: number;
  /** The record of the answer, from the order on, also before it counts. */
  readonly decision?: ApprovalDecidedRecord;
}

/** What an agent is told while a person has not answered. */
export interface Waiting {
  readonly id: string;
  readonly expiresIn: number;
  readonly interval: number;
}

export type ApprovalRefusal =
  | ({ readonly code: 'approval_pending' } & Waiting)
  | ({ readonly code: 'approval_polled_too_fast' } & Waiting)
  | { readonly code: 'approval_refused' }
  | { readonly code: 'approval_expired' }
  /** No such question of this agent, another question than was asked, or one that was used. */
  | {
      readonly code: 'approval_foreign';
      readonly cause: 'unknown' | 'question_differs' | 'used';
    }
  | { readonly code: 'approvals_exhausted' };

/** By which a capability may be minted, once. */
export interface Approved {
  readonly by: string;
  /** Unix seconds. */
  readonly until: number;
}

/** The state that holds now; the alarm that writes it down may be late. */
export function stateAt({ state, deadline, decision }: HeldApproval, now: number): ApprovalState {
  if (state === 'pending') return decision || deadline > now / 1000 ? 'pending' : 'expired';
  return state === 'approved' && deadline <= now / 1000 ? 'expired' : state;
}

export const waiting = ({ id, deadline, interval }: HeldApproval, now: number): Waiting => ({
  id,
  interval,
  expiresIn: Math.max(1, deadline - Math.floor(now / 1000)),
});

/**
 * What a poll gets. Whose it is comes first, and what was asked next, so that an id alone tells
 * nothing of whether somebody approved something.
 */
export function judgePoll(
  held: HeldApproval | undefined,
  poll: { readonly agent: string; readonly digest: string; readonly now: number },
): Result<Approved, ApprovalRefusal> {
  if (!held || held.agent !== poll.agent) {
    return refuse({ code: 'approval_foreign', cause: 'unknown' });
  }
  if (held.digest !== poll.digest) {
    return refuse({ code: 'approval_foreign', cause: 'question_differs' });
  }
  switch (stateAt(held, poll.now)) {
    case 'pending': {
      const isTooFast = isWithin(held.polled, poll.now, held.interval * 1000);
      const interval = isTooFast ? slower(held.interval) : held.interval;
      const code = isTooFast ? 'approval_polled_too_fast' : 'approval_pending';
      return refuse({ code, ...waiting({ ...held, interval }, poll.now) });
    }
    case 'approved': {
      const { by, until } = held.decision ?? {};
      if (by === undefined || until === undefined) throw new Error('approved by nobody');
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

/** RFC 8628 section 3.5: by five seconds, for this and all polls that follow; but not for ever. */
const slower = (interval: number): number =>
  Math.min(interval + APPROVAL_INTERVAL_SECONDS, APPROVAL_INTERVAL_SECONDS_MAX);

/** A person's answer, by an operator's credential. */
export interface ApprovalOrder {
  readonly id: string;
  /** Of the question as the person saw it. */
  readonly digest: string;
  readonly decision: 'approve' | 'refuse';
  readonly actor: string;
  readonly by: string;
  readonly reason: string;
  /** Unix seconds; of an approval alone. */
  readonly until?: number;
}

export type OrderRefusal =
  | { readonly code: 'approval_unknown' }
  | { readonly code: 'digest_differs' }
  | { readonly code: 'until_invalid' }
  | { readonly code: 'approver_is_agent' }
  | { readonly code: 'approval_ended'; readonly state: ApprovalState };

/** A refusal takes back an approval that nothing was minted by, whether it counts yet or not. */
export const isWithdrawal = (held: HeldApproval, order: ApprovalOrder, now: number): boolean =>
  order.decision === 'refuse' &&
  order.until === undefined &&
  held.decision?.decision === 'approve' &&
  ['pending', 'approved'].includes(stateAt(held, now));

/** Whether the order may be carried out; `null` where it already was, or is being. */
export function checkOrder(
  held: HeldApproval | undefined,
  order: ApprovalOrder,
  now: number,
): Result<HeldApproval | null, OrderRefusal> {
  if (!held) return refuse({ code: 'approval_unknown' });
  if (held.digest !== order.digest) return refuse({ code: 'digest_differs' });
  const { decision } = held;
  const state = stateAt(held, now);
  if (isWithdrawal(held, order, now)) return ok(held);
  if (decision) {
    const isSame = (['decision', 'by', 'reason', 'until'] as const).every(
      (member) => decision[member] === order[member],
    );
    return isSame ? ok(null) : refuse({ code: 'approval_ended', state });
  }
  if (state !== 'pending') return refuse({ code: 'approval_ended', state });
  if (order.by === held.agent) return refuse({ code: 'approver_is_agent' });
  const seconds = order.until === undefined ? undefined : order.until - now / 1000;
  const isFit =
    order.decision === 'refuse'
      ? seconds === undefined
      : seconds !== undefined && seconds > 0 && seconds <= WORKFLOW_SECONDS_MAX;
  return isFit ? ok(held) : refuse({ code: 'until_invalid' });
}
