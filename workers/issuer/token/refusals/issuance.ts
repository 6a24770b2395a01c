import { CHILDREN_MAX, type ChildRefusal } from '../../../../src/lifecycle/index.ts';
import { ANCESTORS_MAX } from '../../../../src/limits.ts';
import {
  APPROVALS_PENDING_MAX,
  APPROVALS_PENDING_PER_AGENT_MAX,
  APPROVALS_STORED_PER_AGENT_MAX,
  type ApprovalRefusal,
  type PendingApproval,
} from '../../approval/state.ts';
import type { DeniedRefusal } from '../../feed/denial.ts';
import type { RefusalTable } from './entry.ts';

/** Why a granted request still gets no token: a person, an operator, its parent or the log. */
export type IssuanceRefusal =
  | ApprovalRefusal
  | DeniedRefusal
  | ChildRefusal
  /** The audit log fails, or has no room left for records of new authority. */
  | { readonly code: 'log_unavailable' };

const NO_ROOM_FOR_CHILD = "The parent's limits leave no room for this child.";

/** CIBA Core section 7.3 names what to poll with, until when, and how often. */
const pollingMembers = ({ id, expiresIn, interval }: PendingApproval) => ({
  auth_req_id: id,
  expires_in: expiresIn,
  interval,
});

/** RFC 8628 section 3.5, as CIBA Core section 11 adopts it. */
export const ISSUANCE_REFUSALS: RefusalTable<IssuanceRefusal> = {
  approval_pending: {
    status: 400,
    error: 'authorization_pending',
    message: 'A person must approve this: repeat the request with auth_req_id.',
    advice: 'Normal. Repeat the same request with `auth_req_id` every `interval` seconds.',
    // The question is in the audit log already, and so will be its answer.
    audited: false,
    logged: true,
    members: pollingMembers,
  },
  approval_polled_too_fast: {
    status: 400,
    error: 'slow_down',
    message: 'Polling too fast; wait interval seconds.',
    advice: 'Wait `interval` seconds, which has grown, before the next poll.',
    audited: false,
    logged: true,
    members: pollingMembers,
  },
  approval_refused: {
    status: 400,
    error: 'access_denied',
    message: 'A person refused this request.',
    advice: 'Do not repeat the request. The refusal is valid for an hour.',
    audited: true,
    logged: true,
  },
  approval_expired: {
    status: 400,
    error: 'expired_token',
    message: 'The approval was not given, or not used, in time.',
    advice:
      'No one answered within ten minutes, or the approval expired unused. Ask again without `auth_req_id`.',
    audited: true,
    logged: true,
  },
  approval_foreign: {
    status: 400,
    error: 'invalid_grant',
    // One text for all causes: whether another agent's question was approved is not disclosed.
    message: 'No approval matches this request; ask again.',
    advice:
      '`unknown`: no question of this agent. `question_differs`: the request or the policy changed after the person looked; investigate. `used`: a lost answer, or a replay.',
    audited: true,
    logged: true,
  },
  approvals_exhausted: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'Too many pending approvals for this agent.',
    advice: `The agent has ${APPROVALS_PENDING_PER_AGENT_MAX} pending questions, or asked ${APPROVALS_STORED_PER_AGENT_MAX} within an hour, or ${APPROVALS_PENDING_MAX} are pending in all. Retry later; check for an agent that asks in a loop.`,
    audited: true,
    logged: true,
  },
  denied_by_operator: {
    status: 400,
    error: 'access_denied',
    message: 'An operator has denied this agent, its subject or owner, or every requested tool.',
    advice: 'The cause says what is denied. `hewn deny list` has the reason.',
    audited: true,
    logged: true,
  },
  denials_unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'The list of denials could not be read, so nothing is minted.',
    advice: 'Retry. The log line `denials.unavailable` says why the revocation log did not answer.',
    audited: true,
    logged: true,
  },
  parent_ended: {
    status: 400,
    error: 'invalid_grant',
    message: 'The parent capability is not valid.',
    advice: 'The parent was stopped while the child was being created. Stop.',
    audited: true,
    logged: true,
  },
  delegation_too_deep: {
    status: 400,
    error: 'access_denied',
    message: NO_ROOM_FOR_CHILD,
    advice: `The \`delegationDepth\` of the parent is used up, or the chain has ${ANCESTORS_MAX} workflows. Do the work in the parent.`,
    audited: true,
    logged: true,
  },
  too_many_children: {
    status: 400,
    error: 'access_denied',
    message: NO_ROOM_FOR_CHILD,
    advice: `There are ${CHILDREN_MAX} workflows below the root. Use one of those, or begin a new root.`,
    audited: true,
    logged: true,
  },
  child_exceeds: {
    status: 400,
    error: 'access_denied',
    message: NO_ROOM_FOR_CHILD,
    advice: 'The child wants more of a budget than its parent has left. Ask for less.',
    audited: true,
    logged: true,
  },
  log_unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    message: 'The mint could not be recorded, so nothing is minted.',
    advice:
      'Retry. The audit log fails or is full; the log lines `audit.unwritten` and `audit.full` say why.',
    audited: true,
    logged: true,
  },
};
