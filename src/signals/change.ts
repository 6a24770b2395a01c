import type { UnixMilliseconds } from '../clock.ts';
import type { WorkflowState } from '../lifecycle/index.ts';

/** Who changed a workflow, in the terms of CAEP 1.0 section 2 (`initiating_entity`). */
export type Initiator = 'admin' | 'user' | 'policy' | 'system';

/** One change of a workflow's state, as status lists and receivers learn of it. */
export interface WorkflowChange {
  /** Unique for the change, and the same if it is delivered again, so duplicates are detected. */
  readonly id: string;
  readonly workflow: string;
  readonly state: WorkflowState;
  /** By the clock of the workflow's own object. */
  readonly at: UnixMilliseconds;
  readonly by: Initiator;
  /** `issuer#subject`; absent if the workflow is no longer known. */
  readonly subject?: string | undefined;
}

/** The status of a workflow in a status list (draft-ietf-oauth-status-list section 7.1). */
export type Status = 'valid' | 'invalid' | 'suspended';

/** `completing` is still valid, so that calls in flight can finish. */
const STATUS_OF: Readonly<Record<WorkflowState, Status>> = {
  pending: 'valid',
  active: 'valid',
  completing: 'valid',
  suspended: 'suspended',
  completed: 'invalid',
  failed: 'invalid',
  revoked: 'invalid',
  expired: 'invalid',
};

/** Returns the status of a workflow in a state. */
export const statusOf = (state: WorkflowState): Status => STATUS_OF[state];

/** The newest known status of a workflow. Changes arrive late, twice and in any order. */
export interface KnownStatus {
  readonly status: Status;
  /** When the change was made. */
  readonly at: UnixMilliseconds;
}

/** Of two changes at the same millisecond, the stricter one counts. */
const STRICTNESS: Readonly<Record<Status, number>> = { valid: 0, suspended: 1, invalid: 2 };

/**
 * Returns the known status of a workflow after one more change. An ended workflow stays ended.
 * Otherwise the newest change counts, and of two at the same millisecond the stricter one.
 */
export function statusAfter(known: KnownStatus | undefined, change: WorkflowChange): KnownStatus {
  const next: KnownStatus = { status: statusOf(change.state), at: change.at };
  if (!known || next.status === 'invalid') return known?.status === 'invalid' ? known : next;
  if (known.status === 'invalid' || known.at > next.at) return known;
  const isStricter = STRICTNESS[next.status] > STRICTNESS[known.status];
  return next.at > known.at || isStricter ? next : known;
}
