import type { WorkflowState } from '../lifecycle/index.ts';
import type { MarkKind } from './mark-kind.ts';

/** A state as the console shows it: a mark and a word. */
export interface ShownState {
  readonly mark: MarkKind;
  readonly word: string;
}

const STATES: { readonly [State in WorkflowState]: ShownState } = {
  pending: { mark: 'ended', word: 'begins' },
  active: { mark: 'run', word: 'active' },
  suspended: { mark: 'pause', word: 'suspended' },
  completing: { mark: 'run', word: 'completing' },
  completed: { mark: 'ended', word: 'completed' },
  failed: { mark: 'ended', word: 'failed' },
  revoked: { mark: 'stop', word: 'revoked' },
  expired: { mark: 'ended', word: 'expired' },
};

/** Returns how a workflow's state is shown. A workflow that waits for a person says so. */
export function shownState(state: WorkflowState, waiting = 0): ShownState {
  if (waiting > 0 && canStop(state)) return { mark: 'wait', word: 'waits for a person' };
  return STATES[state] ?? { mark: 'unknown', word: state };
}

/** Whether the workflow runs, so that a stop has an effect. */
const canStop = (state: WorkflowState): boolean =>
  state === 'pending' || state === 'active' || state === 'completing';

/** Whether the workflow is over, so that nothing can be done to it. */
export const isOver = (state: WorkflowState): boolean =>
  state === 'completed' || state === 'failed' || state === 'revoked' || state === 'expired';
