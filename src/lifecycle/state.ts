/**
 * The life of a workflow as a table: who may move it from which state to which. What is not in the
 * table cannot happen, and nothing leads out of a terminal state.
 */
export const STATES = [
  'pending', // Recorded; no capability was handed out yet.
  'active',
  'suspended', // Reversible: its tokens are dead, and none is minted.
  'completing', // The agent said that it is done; what is in flight may end, and none is minted.
  'completed',
  'failed',
  'revoked',
  'expired',
] as const;
export type WorkflowState = (typeof STATES)[number];

/** Who moves a workflow: `clock` is its alarm, `parent` what happened to the workflow above it. */
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

/**
 * Everything that can happen. docs/reference/workflow.md has the same table, and a test compares
 * them.
 */
export const STEPS: readonly Step[] = [
  { from: 'pending', move: 'start', to: 'active', by: ['agent'] },
  { from: 'active', move: 'suspend', to: 'suspended', by: STOPPING },
  // A parent takes back only what it did itself: see `resumes`.
  { from: 'suspended', move: 'resume', to: 'active', by: ['operator', 'parent'] },
  { from: 'active', move: 'complete', to: 'completing', by: ['agent'] },
  { from: 'completing', move: 'finish', to: 'completed', by: ['clock'] },
  // It was over already but for its grace, so there is nothing that could be resumed.
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

/** Whether nothing leads out of the state. */
export const isTerminal = (state: WorkflowState): boolean => !LEAVING.has(state);

/** The state that the move leads to; undefined where it leads nowhere, or is not this mover's. */
export const stateAfter = (
  from: WorkflowState,
  move: Move,
  by: ActorKind,
): WorkflowState | undefined =>
  STEPS.find((step) => step.from === from && step.move === move && step.by.includes(by))?.to;
