import { coversGrant, type Grant } from '../../../src/capability/index.ts';
import type { WorkflowState } from '../../../src/lifecycle/index.ts';
import { GRANTS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { WorkflowView } from './contract.ts';

// All that a workflow was ever granted: each step-up may add a wider form of what it had.
const WORKFLOW_GRANTS_MAX = 8 * GRANTS_MAX;
const WORKFLOW_MINTS_MAX = 1_000; // Eight hours of half-minute tokens; each is a row.

/** Who and what for, as a token request that continues a workflow has it. */
export interface Continuation {
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly task: string;
  readonly audience: string;
  /** Thumbprint of the key that was proven; absent: none was. */
  readonly holder?: string | undefined;
  readonly grants: readonly Grant[];
  /** To step up: the grants may be more than the workflow has, up to what a workflow may have. */
  readonly stepUp?: true | undefined;
}

/** Why a workflow is not continued. */
export type ContinuationRefusal =
  /** `unknown`, or what differs from how the workflow was begun. */
  | {
      readonly code: 'workflow_foreign';
      readonly cause: 'unknown' | Exclude<keyof Continuation, 'holder' | 'grants' | 'stepUp'>;
    }
  /** Another key than the workflow was begun with, or one where it was begun with none. */
  | { readonly code: 'holder_differs' }
  | { readonly code: 'workflow_ended'; readonly cause: Exclude<WorkflowState, 'active'> }
  /** It may be resumed, so whoever asks may ask again. */
  | { readonly code: 'workflow_suspended' }
  | { readonly code: 'workflow_exceeded' }
  /** A child asks for what a workflow above it does not have. */
  | { readonly code: 'parent_exceeded' }
  | { readonly code: 'workflow_exhausted' }
  /** Exact, because one object counts the mints of one workflow. */
  | {
      readonly code: 'rate_limited';
      readonly of: 'workflow';
      readonly retryAfterSeconds: number;
    };

const FIXED = ['agent', 'subject', 'owner', 'audience', 'task'] as const;

/** What each workflow above one was granted, root first; empty for a root. */
export type GrantsAbove = readonly (readonly Grant[])[];

/**
 * Whether every workflow above has all of the grants. Each is asked and not the parent alone: a
 * child may hold more than its parent where an older version let it step up so far.
 */
export const isWithinAbove = (above: GrantsAbove, grants: readonly Grant[]): boolean =>
  above.every((held) => grants.every((grant) => coversGrant(held, grant)));

/**
 * Whether `asked` continues `held`: the same party and key, still active, and nothing that was not
 * granted before unless it steps up. Whose it is comes first, so that nobody else learns whether it
 * has ended.
 */
export function checkContinuation(
  held: WorkflowView | undefined,
  asked: Continuation,
): Result<WorkflowView, ContinuationRefusal> {
  if (!held) return refuse({ code: 'workflow_foreign', cause: 'unknown' });
  const differs = FIXED.find((fact) => held[fact] !== asked[fact]);
  if (differs) return refuse({ code: 'workflow_foreign', cause: differs });
  // Who has stolen both JWTs, and not the key, does not get a capability of the same workflow.
  if (held.holder !== asked.holder) return refuse({ code: 'holder_differs' });
  if (held.state === 'suspended') return refuse({ code: 'workflow_suspended' });
  if (held.state !== 'active') return refuse({ code: 'workflow_ended', cause: held.state });
  const added = asked.grants.filter((grant) => !coversGrant(held.grants, grant));
  const isOver = asked.stepUp
    ? held.grants.length + added.length > WORKFLOW_GRANTS_MAX
    : added.length > 0;
  if (isOver) return refuse({ code: 'workflow_exceeded' });
  if (held.blocks.length >= WORKFLOW_MINTS_MAX) return refuse({ code: 'workflow_exhausted' });
  // Asked here, so that the token endpoint refuses before it records a mint: a flood fills no log.
  if (held.pauseSeconds !== undefined) {
    return refuse({ code: 'rate_limited', of: 'workflow', retryAfterSeconds: held.pauseSeconds });
  }
  return ok(held);
}
