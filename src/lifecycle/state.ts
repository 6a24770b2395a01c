/**
 * The life of a workflow as a state machine: who may make which move in which state. Only the rows
 * of the table can happen, and no move leads out of a terminal state.
 */
export const STATES = [
  'pending', // Stored; no capability has been handed out yet.
  'active',
  'suspended', // Reversible: its tokens are denied, and none is minted.
  'completing', // The agent has finished; calls in flight may end, and nothing is minted.
  'completed',
  'failed',
  'revoked',
  'expired',
] as const;
export type WorkflowState = (typeof STATES)[number];

/** Who makes a move: `clock` is the workflow's alarm, `parent` a transition of the one above. */
export type ActorKind = 'agent' | 'operator' | 'rule' | 'parent' | 'clock';

export type Move =
  | 'start'
  | 'suspend'
  | 'resume'
  | 'complete'
  | 'finish'
  | 'fail'
  | 'revoke'
  | 'expire';

interface Step {
  readonly from: WorkflowState;
  readonly move: Move;
  readonly to: WorkflowState;
  readonly by: readonly ActorKind[];
}

const STOPPING: readonly ActorKind[] = ['operator', 'rule', 'parent'];

/** Every possible transition. A test compares it with the table in docs/reference/workflow.md. */
export const STEPS: readonly Step[] = [
  { from: 'pending', move: 'start', to: 'active', by: ['agent'] },
  { from: 'active', move: 'suspend', to: 'suspended', by: STOPPING },
  // A parent resumes only what it suspended itself: see `transition`.
  { from: 'suspended', move: 'resume', to: 'active', by: ['operator', 'parent'] },
  { from: 'active', move: 'complete', to: 'completing', by: ['agent'] },
  { from: 'completing', move: 'finish', to: 'completed', by: ['clock'] },
  // Only the grace period was left, so there is nothing to resume later.
  { from: 'completing', move: 'suspend', to: 'completed', by: STOPPING },
  { from: 'active', move: 'fail', to: 'failed', by: ['agent', 'rule'] },
  { from: 'pending', move: 'revoke', to: 'revoked', by: STOPPING },
  { from: 'active', move: 'revoke', to: 'revoked', by: STOPPING },
  { from: 'suspended', move: 'revoke', to: 'revoked', by: STOPPING },
  { from: 'completing', move: 'revoke', to: 'revoked', by: STOPPING },
  { from: 'pending', move: 'expire', to: 'expired', by: ['clock'] },
  { from: 'active', move: 'expire', to: 'expired', by: ['clock'] },
  { from: 'suspended', move: 'expire', to: 'expired', by: ['clock'] },
];

const LEAVING: ReadonlySet<WorkflowState> = new Set(STEPS.map(({ from }) => from));

/** Returns whether the state is terminal: no transition leads out of it. */
export const isTerminal = (state: WorkflowState): boolean => !LEAVING.has(state);

/** Returns the state after a move; undefined if the move is impossible or this actor may not. */
export const stateAfter = (
  from: WorkflowState,
  move: Move,
  by: ActorKind,
): WorkflowState | undefined =>
  STEPS.find((step) => step.from === from && step.move === move && step.by.includes(by))?.to;
