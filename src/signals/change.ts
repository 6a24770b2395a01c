import type { WorkflowState } from '../lifecycle/index.ts';

/** Who moved a workflow, in the words of CAEP 1.0 section 2 (`initiating_entity`). */
export type Initiator = 'admin' | 'user' | 'policy' | 'system';

/** One change of how a workflow stands, as others are told of it. */
export interface WorkflowChange {
  /** Unique for the change, the same whenever it is told again: what is heard twice is one. */
  readonly id: string;
  readonly workflow: string;
  readonly state: WorkflowState;
  /** Unix milliseconds, by the clock of the workflow's own object. */
  readonly at: number;
  readonly by: Initiator;
  /** `issuer#subject`; absent where nothing is known of the workflow any more. */
  readonly subject?: string | undefined;
}

/** What a status list says of a workflow (draft-ietf-oauth-status-list section 7.1). */
export type Status = 'valid' | 'invalid' | 'suspended';

/** `completing` is still valid: what is in flight may end. */
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

export const statusOf = (state: WorkflowState): Status => STATUS_OF[state];

/** How a workflow stands as far as it was heard: changes come late, twice and in any order. */
export interface Standing {
  readonly status: Status;
  /** Unix milliseconds of the change that it is from. */
  readonly at: number;
}

/** Of two that cannot both be the last word, the one that lets less through. */
const STRICTNESS: Readonly<Record<Status, number>> = { valid: 0, suspended: 1, invalid: 2 };

/**
 * How a workflow stands after one more change. What ended stays ended, whatever comes later; else
 * the newest counts, and of two of one millisecond the stricter.
 */
export function standingAfter(held: Standing | undefined, change: WorkflowChange): Standing {
  const heard: Standing = { status: statusOf(change.state), at: change.at };
  if (!held || heard.status === 'invalid') return held?.status === 'invalid' ? held : heard;
  if (held.status === 'invalid' || held.at > heard.at) return held;
  const isStricter = STRICTNESS[heard.status] > STRICTNESS[held.status];
  return heard.at > held.at || isStricter ? heard : held;
}
